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
	return PlaceBranches(p, func(i, j int) bool { return i < j })
}

// PlaceBranches does the same for an executor that runs instructions side by side: ended says whether
// instruction i has always ended when instruction j begins.
func PlaceBranches(p *Program, ended func(i, j int) bool) *Program {
	q := p.clone()
	q.ArenaFloats = 0
	alive := lifetimes(q)
	slices.SortStableFunc(alive, func(a, b lifetime) int {
		return cmp.Compare(q.Buffers[b.buffer].Size(), q.Buffers[a.buffer].Size())
	})
	var placed []lifetime
	for _, life := range alive {
		offset := q.lowestFree(life, placed, ended)
		q.Buffers[life.buffer].Offset = offset
		q.ArenaFloats = max(q.ArenaFloats, offset+padded(q.Buffers[life.buffer].Size()))
		placed = append(placed, life)
	}
	return q
}

// lifetime is the range of instructions from a buffer's first writing to its last use, and those among them that use it.
type lifetime struct {
	buffer, first, last int
	users               []int
}

func lifetimes(p *Program) []lifetime {
	var list []lifetime
	for b, buf := range p.Buffers {
		var users []int
		for i, in := range p.Instrs {
			if slices.Contains(in.In, b) || slices.Contains(in.Out, b) {
				users = append(users, i)
			}
		}
		if buf.Kind == Temp && len(users) > 0 {
			list = append(list, lifetime{b, users[0], users[len(users)-1], users})
		}
	}
	return list
}

// ends reports whether a buffer is not used any more when the use of another one begins.
func (l lifetime) ends(other lifetime, ended func(i, j int) bool) bool {
	return !slices.ContainsFunc(l.users, func(i int) bool {
		return slices.ContainsFunc(other.users, func(j int) bool { return !ended(i, j) })
	})
}

// lowestFree finds the lowest offset at which a buffer overlaps no buffer that may be alive at the same time.
func (p *Program) lowestFree(life lifetime, placed []lifetime, ended func(i, j int) bool) int {
	var busy []Buffer
	for _, other := range placed {
		if !other.ends(life, ended) && !life.ends(other, ended) {
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
