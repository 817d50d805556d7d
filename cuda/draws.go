//go:build gpu

package cuda

import (
	"fmt"

	"autoamp/graph"
	"autoamp/kernels"
)

// launchDraw puts a kernel that draws its output on the stream.
func (l *loaded) launchDraw(in graph.Instr) error {
	x := l.Buffers[in.Out[0]]
	out, n, grid := l.tensor(in.Out[0]), int64(x.Size()), ceil(x.Size(), 2048)
	rows, cols, laws := int32(x.Rows()), int32(x.Cols()), l.r.address(l.at.laws)
	switch op := in.Op.(type) {
	case graph.Sample:
		kind, err := kernels.ParseLaw(op.Law)
		if err != nil {
			return err
		}
		return l.kernel("Sample", grid, threads, out, n, int32(kind), op.Stream, l.states(), laws)
	case graph.SampleNormal:
		return l.kernel("Normal", grid, threads, out, n, float32(op.Std), op.Stream, l.states())
	case graph.SampleCodes:
		return l.kernel("SampleCodes", ceil(x.Rows(), 8), threads, out, rows, cols, int32(op.Support), float32(op.Lo), float32(op.Hi-op.Lo),
			number(op.Signed), op.Stream, l.states())
	default:
		g := op.(graph.Gather)
		return l.kernel("Gather", grid, threads, out, l.tensor(in.In[0]), int64(g.Rows), rows, cols, number(g.InOrder), g.Stream, l.states(), laws)
	}
}

// number is a flag as kernels take it.
func number(flag bool) int32 {
	if flag {
		return 1
	}
	return 0
}

// lawsOf returns the constants of the law that a program samples, or of the mask of what it gathers, for every replica.
func lawsOf(p *graph.Program, replicas []graph.Replica) ([]lawConstants, error) {
	list := make([]lawConstants, len(replicas))
	for _, in := range p.Instrs {
		kind := kernels.SparseRademacher // ±1/√p or 0: a mask is its size
		switch op := in.Op.(type) {
		case graph.Sample:
			var err error
			if kind, err = kernels.ParseLaw(op.Law); err != nil {
				return nil, fmt.Errorf("cuda: load: %w", err)
			}
		case graph.Gather:
		default:
			continue
		}
		for i, rep := range replicas {
			list[i].limit, list[i].scale, list[i].mean = kernels.Law{Kind: kind, P: rep.P, Mean: rep.Mean}.Constants()
		}
	}
	return list, nil
}
