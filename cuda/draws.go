//go:build gpu

package cuda

import (
	"fmt"

	"autoamp/graph"
	"autoamp/kernels"
)

// number is a flag as kernels take it.
func number(flag bool) int32 {
	if flag {
		return 1
	}
	return 0
}

// lawsOf returns the constants of a program's draws for every replica. A program draws samples of a law, or the mask of
// gathered rows.
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
