package graph

import "slices"

// eliminateDead keeps an instruction only if the loss or a wanted gradient depends on its outputs.
// gorgonia's differentiation always makes dead instructions: the gradient with respect to the data
// costs a full matrix product and is never needed.
func eliminateDead(p *Program, grads []gradient) *Program {
	live := map[int]bool{p.Loss: true}
	for _, g := range grads {
		live[g.grad] = true
	}
	q := p.clone()
	q.Instrs = nil
	for _, in := range slices.Backward(p.Instrs) {
		if slices.ContainsFunc(in.Out, func(b int) bool { return live[b] }) {
			for _, b := range in.In {
				live[b] = true
			}
			q.Instrs = append(q.Instrs, in)
		}
	}
	slices.Reverse(q.Instrs)
	return q
}

// clone copies a program deeply enough that passes may change instructions and buffers.
func (p *Program) clone() *Program {
	q := *p
	q.Buffers = slices.Clone(p.Buffers)
	q.Instrs = slices.Clone(p.Instrs)
	for i := range q.Instrs {
		q.Instrs[i].In = slices.Clone(q.Instrs[i].In)
		q.Instrs[i].Out = slices.Clone(q.Instrs[i].Out)
	}
	return &q
}

// readers returns the indices of the instructions that read a buffer.
func (p *Program) readers(buffer int) []int {
	var at []int
	for i, in := range p.Instrs {
		if slices.Contains(in.In, buffer) {
			at = append(at, i)
		}
	}
	return at
}

// writer returns the index of the first instruction that writes a buffer, or −1.
func (p *Program) writer(buffer int) int {
	return slices.IndexFunc(p.Instrs, func(in Instr) bool { return slices.Contains(in.Out, buffer) })
}

// without returns the instructions except those at the given indices.
func without(instrs []Instr, drop ...int) []Instr {
	var kept []Instr
	for i, in := range instrs {
		if !slices.Contains(drop, i) {
			kept = append(kept, in)
		}
	}
	return kept
}

// rename makes every instruction that names one buffer name another.
func (p *Program) rename(from, to int) {
	replace := func(list []int) {
		for i := range list {
			if list[i] == from {
				list[i] = to
			}
		}
	}
	for _, in := range p.Instrs {
		replace(in.In)
		replace(in.Out)
	}
	if p.Loss == from {
		p.Loss = to
	}
	p.Buffers[from].Kind = none
}
