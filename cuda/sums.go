package cuda

import (
	"slices"

	"autoamp/graph"
)

// sums says where the Reduction buffers of a plan lie, in float64 within the memory of one replica. Every block of a
// kernel writes its part of each sum, and Finish adds the parts. It adds the sums of the pass first, with the loss before
// all others, and then the norms of gradients that are sums.
type sums struct {
	total, parts []int // place of each buffer's totals and parts; −1 for buffers of other kinds
	count        []int // parts per number
	first, last  []int // buffers that the first and the second Finish add up
	norms        []int // gradient norms; their totals lie side by side
	floats       int
}

func placeSums(l *plan) sums {
	s := sums{}
	for range l.Buffers {
		s.total, s.parts, s.count = append(s.total, -1), append(s.parts, -1), append(s.count, 0)
	}
	s.first = s.written(l, l.pass)
	s.last = s.written(l, l.norms)
	if at := slices.Index(s.first, l.Loss); at > 0 {
		s.first[0], s.first[at] = s.first[at], s.first[0]
	}
	if len(l.steps) > 0 {
		s.norms = l.steps[0].In[2+l.update.Rule.Moments():]
	}
	for _, b := range slices.Concat(s.norms, s.first, s.last) {
		if s.total[b] < 0 {
			s.total[b] = s.take(l.Buffers[b].Size())
		}
	}
	for _, b := range slices.Concat(s.first, s.last) {
		s.parts[b] = s.take(l.Buffers[b].Size() * s.count[b])
	}
	return s
}

// take returns the place of n more numbers.
func (s *sums) take(n int) int {
	at := s.floats
	s.floats += n
	return at
}

// written lists the sums that instructions write, and notes in how many parts.
func (s *sums) written(l *plan, instrs []graph.Instr) []int {
	var list []int
	for _, in := range instrs {
		for _, b := range in.Out {
			if b >= 0 && l.Buffers[b].Kind == graph.Reduction {
				s.count[b] = l.partialSums(in)
				list = append(list, b)
			}
		}
	}
	return list
}

// partialSums is the number of parts of each sum of an instruction; see kernels/include/kernels.cuh.
func (l *plan) partialSums(in graph.Instr) int {
	x := l.Buffers[in.In[0]]
	if _, bias := in.Op.(graph.BiasGrad); bias {
		return min(ceil(x.Rows(), 128), 64)
	}
	return parts(x.Size())
}

// parts is the number of blocks of a kernel that sums over n elements.
func parts(n int) int { return min(ceil(n, 1024), 1056) }

func ceil(a, b int) int { return (a + b - 1) / b }
