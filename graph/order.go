package graph

import "slices"

// reorder schedules the instructions so that as few barriers as possible are needed: it takes the
// next instruction that needs no barrier, and prefers an instruction that reads the last output. It
// takes an instruction that waits only if no other is left.
func reorder(p *Program) *Program {
	q := p.clone()
	before := dependencies(p)
	done := make([]bool, len(p.Instrs))
	q.Instrs = nil
	var since accesses
	last := -1
	for range p.Instrs {
		next := pick(p, before, done, &since, last)
		in := p.Instrs[next]
		if since.conflict(p, in) {
			since = accesses{}
		}
		since.add(p, in)
		done[next], last = true, next
		q.Instrs = append(q.Instrs, in)
	}
	return q
}

// dependencies lists for every instruction the earlier instructions that must stay before it. An
// earlier instruction must stay if it writes a buffer that the later one reads or writes, or reads
// a buffer that the later one writes.
func dependencies(p *Program) [][]int {
	before := make([][]int, len(p.Instrs))
	for i, in := range p.Instrs {
		for j, earlier := range p.Instrs[:i] {
			if intersects(earlier.Out, in.In) || intersects(earlier.Out, in.Out) || intersects(earlier.In, in.Out) {
				before[i] = append(before[i], j)
			}
		}
	}
	return before
}

func intersects(a, b []int) bool {
	return slices.ContainsFunc(a, func(x int) bool { return slices.Contains(b, x) })
}

// pick chooses the next instruction among those whose predecessors are done.
func pick(p *Program, before [][]int, done []bool, since *accesses, last int) int {
	best, bestScore := -1, -1
	for i, in := range p.Instrs {
		if done[i] || slices.ContainsFunc(before[i], func(j int) bool { return !done[j] }) {
			continue
		}
		score := 0
		if !since.conflict(p, in) {
			score += 2
		}
		if last >= 0 && intersects(p.Instrs[last].Out, in.In) {
			score++
		}
		if score > bestScore {
			best, bestScore = i, score
		}
	}
	return best
}
