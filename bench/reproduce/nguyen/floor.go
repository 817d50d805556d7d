package nguyen

import (
	"context"

	"gonum.org/v1/gonum/blas/blas32"

	"autoamp/datasets"
	"autoamp/graph"
)

// floorRow is where the descent of a convergence ends.
type floorRow struct {
	// Floor is ‖E W − A‖²: the product of W − A of two descents with independent samples, in which the noise of sampling has
	// no part. Single is ‖W − A‖² of one of them.
	Floor, Single float64
	// Expected is ‖W − A‖² where the population's descent ends, NaN for the ReLU.
	Expected float64
	// Mu is the incoherence of the dictionary.
	Mu float64
}

// floor runs two descents.
//
// Source: Nguyen, Wong, Hegde 2019, Theorem 4: the terms O(mn^{−O(1)}), O(mk²/n²) and O(k³/m).
func (c convergence) floor(ctx context.Context, exec graph.Executor) (row floorRow, err error) {
	c = c.withDefaults()
	first, err := c.end(ctx, exec)
	if err != nil {
		return row, err
	}
	c.Draw++
	second, err := c.end(ctx, exec)
	if err != nil {
		return row, err
	}
	dictionary, err := atomsOf(c.Dictionary, c.Atoms, c.Dim, c.Seed)
	if err != nil {
		return row, err
	}
	law, err := c.law()
	if err != nil {
		return row, err
	}
	row = floorRow{Floor: product(first, second), Single: product(first, first), Mu: datasets.CoherenceOf(dictionary, c.Atoms).Mu}
	if c.Activation == graph.Threshold {
		row.Expected = newPopulation(dictionary, c.Atoms, law).floor()
	}
	return row, nil
}

// product is the sum of the products of the entries.
func product(a, b []float32) float64 {
	return blas32.DDot(blas32.Vector{N: len(a), Inc: 1, Data: a}, blas32.Vector{N: len(b), Inc: 1, Data: b})
}
