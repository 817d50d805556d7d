package graph

// access is one use of memory by an instruction since the last barrier.
type access struct {
	space        Kind // all temporaries share the arena; every other buffer is its own space
	buffer       int
	offset, size int
	rows         int
	write        bool
	rowWise      bool
}

// accesses collects the buffers that instructions have read or written since the last barrier.
type accesses []access

// of lists the accesses of one instruction.
func of(p *Program, in Instr) []access {
	rows := p.Rows(in)
	use := func(b int, write, rowWise bool) access {
		buf := p.Buffers[b]
		a := access{space: buf.Kind, buffer: b, size: buf.Size(), rows: rows, write: write}
		a.rowWise = rowWise && buf.Kind != Reduction && buf.Rows() == rows
		if buf.Kind == Temp && p.ArenaFloats > 0 { // placed: buffers collide by their place in the arena
			a.buffer, a.offset = 0, buf.Offset
		}
		return a
	}
	var list []access
	for i, b := range in.In {
		list = append(list, use(b, false, i < in.Op.Facts().RowWise))
	}
	for _, b := range in.Out {
		a := use(b, true, true)
		a.rowWise = a.rowWise || p.Buffers[b].Kind == Reduction // each thread writes its own sum
		list = append(list, a)
	}
	return list
}

// overlaps reports whether two accesses may touch the same memory.
func (a access) overlaps(b access) bool {
	return a.space == b.space && a.buffer == b.buffer &&
		a.offset < b.offset+b.size && b.offset < a.offset+a.size
}

// sameRows reports whether the split over threads gives each thread the same memory in both.
func (a access) sameRows(b access) bool {
	return a.rowWise && b.rowWise && a.rows == b.rows && a.offset == b.offset && a.size == b.size
}

func (s accesses) conflict(p *Program, in Instr) bool {
	for _, a := range of(p, in) {
		for _, b := range s {
			if (a.write || b.write) && a.overlaps(b) && !a.sameRows(b) {
				return true
			}
		}
	}
	return false
}

func (s *accesses) add(p *Program, in Instr) { *s = append(*s, of(p, in)...) }

// placeBarriers marks the instructions that must wait for all threads, and numbers the groups
// that may run a few rows at a time.
func placeBarriers(p *Program) *Program {
	q := p.clone()
	var since accesses
	group := 0
	for i := range q.Instrs {
		in := &q.Instrs[i]
		if in.Barrier = since.conflict(q, *in); in.Barrier {
			since = accesses{}
		}
		since.add(q, *in)
		if i > 0 && (in.Barrier || !q.sameGroup(q.Instrs[i-1], *in)) {
			group++
		}
		in.Group = group
	}
	return q
}

// sameGroup reports whether two neighbours without a barrier between them are both
// elementwise over the same rows.
func (p *Program) sameGroup(a, b Instr) bool {
	_, productA := a.Op.(MatMul)
	_, productB := b.Op.(MatMul)
	return !productA && !productB && p.Rows(a) == p.Rows(b)
}

// Barriers counts the points of one step at which all threads wait.
func (p *Program) Barriers() int {
	count := 0
	for _, in := range p.Instrs {
		if in.Barrier {
			count++
		}
	}
	return count
}
