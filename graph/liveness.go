package graph

import (
	"cmp"
	"slices"
)

// reuseInPlace lets an elementwise instruction overwrite a temporary if no later instruction reads the temporary.
func reuseInPlace(p *Program) *Program {
	q := p.clone()
	for i := range q.Instrs {
		reuse := q.Instrs[i].Op.Facts().InPlace
		if !reuse.Allowed {
			continue
		}
		out, in := q.Instrs[i].Out[reuse.Out], q.Instrs[i].In[reuse.In]
		if slices.Contains(q.Instrs[i].In[reuse.In+1:], in) {
			continue // it is read again, after some of it was written
		}
		readers := q.readers(in)
		if q.Buffers[in].Kind == Temp && q.Buffers[out].Kind == Temp && readers[len(readers)-1] == i &&
			q.Buffers[in].Size() == q.Buffers[out].Size() {
			q.rename(out, in)
		}
	}
	return q
}

// align is the alignment of buffers in the arena in float32: one cache line.
const align = 16

// PlaceTemporaries gives every temporary a place in the arena, so that buffers which are never
// alive together share memory: the largest first, each at the lowest free place. Compile ends with
// it; an executor that reorders instructions or adds buffers places them anew.
func PlaceTemporaries(p *Program) *Program {
	q := p.clone()
	q.ArenaFloats = 0
	alive := lifetimes(q)
	slices.SortStableFunc(alive, func(a, b lifetime) int {
		return cmp.Compare(q.Buffers[b.buffer].Size(), q.Buffers[a.buffer].Size())
	})
	var placed []lifetime
	for _, life := range alive {
		offset := q.lowestFree(life, placed)
		q.Buffers[life.buffer].Offset = offset
		q.ArenaFloats = max(q.ArenaFloats, offset+padded(q.Buffers[life.buffer].Size()))
		placed = append(placed, life)
	}
	return q
}

// lifetime is the range of instructions from a buffer's first writing to its last use.
type lifetime struct{ buffer, first, last int }

func lifetimes(p *Program) []lifetime {
	var list []lifetime
	for b, buf := range p.Buffers {
		first, last := -1, -1
		for i, in := range p.Instrs {
			if slices.Contains(in.In, b) || slices.Contains(in.Out, b) {
				if first < 0 {
					first = i
				}
				last = i
			}
		}
		if buf.Kind == Temp && first >= 0 {
			list = append(list, lifetime{b, first, last})
		}
	}
	return list
}

// lowestFree finds the lowest offset at which a buffer overlaps no buffer that is alive at the same time.
func (p *Program) lowestFree(life lifetime, placed []lifetime) int {
	var busy []Buffer
	for _, other := range placed {
		if other.first <= life.last && life.first <= other.last {
			busy = append(busy, p.Buffers[other.buffer])
		}
	}
	slices.SortFunc(busy, func(a, b Buffer) int { return cmp.Compare(a.Offset, b.Offset) })
	offset, size := 0, padded(p.Buffers[life.buffer].Size())
	for _, b := range busy {
		if offset+size <= b.Offset {
			break
		}
		offset = max(offset, b.Offset+padded(b.Size()))
	}
	return offset
}

func padded(size int) int { return (size + align - 1) / align * align }
