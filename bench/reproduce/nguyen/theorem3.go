package nguyen

import (
	"context"
	"fmt"

	"autoamp/bench/reproduce"
	"autoamp/datasets"
	"autoamp/graph"
)

// consistencyReference is a rate that amp/THEORY.md §14.2 lists. Dictionaries of one law differ, so rates away from 0 and 1 do.
type consistencyReference struct {
	data       string
	activation graph.Activation
	dim, k     int
	delta      float64
	rate       float64
}

var consistencyReferences = []consistencyReference{
	{datasets.Mixture, graph.Threshold, 256, 1, 0.6, 1},
	{datasets.Mixture, graph.ReLU, 256, 1, 0.1, 1},
	{datasets.SparseCodes, graph.Threshold, 256, 1, 0.1, 1},
	{datasets.SparseCodes, graph.Threshold, 256, 3, 0.1, 1},
	{datasets.SparseCodes, graph.Threshold, 256, 6, 0.1, 0.55},
	{datasets.NonNegativeCodes, graph.Threshold, 256, 3, 0.1, 0.39},
	{datasets.NonNegativeCodes, graph.Threshold, 256, 6, 0.1, 0},
	{datasets.Mixture, graph.Threshold, 1024, 1, 0.6, 1},
	{datasets.SparseCodes, graph.Threshold, 1024, 6, 0.1, 1},
	{datasets.NonNegativeCodes, graph.Threshold, 1024, 1, 0.1, 1},
	{datasets.NonNegativeCodes, graph.Threshold, 1024, 3, 0.1, 1},
	{datasets.NonNegativeCodes, graph.Threshold, 1024, 6, 0.1, 0.90},
	{datasets.NonNegativeCodes, graph.ReLU, 1024, 1, 0.1, 0.87},
	{datasets.NonNegativeCodes, graph.ReLU, 1024, 3, 0.1, 0.95},
	{datasets.NonNegativeCodes, graph.ReLU, 1024, 6, 0.1, 0.91},
	{datasets.NonNegativeCodes, graph.ReLU, 1024, 1, 0.3, 1},
	{datasets.NonNegativeCodes, graph.ReLU, 1024, 3, 0.3, 0.73},
	{datasets.NonNegativeCodes, graph.ReLU, 1024, 6, 0.3, 0.01},
	{datasets.NonNegativeCodes, graph.ReLU, 1024, 1, 1e-12, 0},
}

// theorem3 is how often the code has the signs of the true one.
func theorem3() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "nguyen-theorem3", Paper: paperName,
		Title: "Theorem 3: share of samples whose code has the true signs, m = 2d atoms, W at distance δ",
		Claim: "For k small beside √d the code is consistent: always for the mixture and for signed codes, least for non-negative codes " +
			"behind a ReLU, which needs k = O(1/δ²).",
		Minutes: reproduce.Minutes{Quick: 0.7, Paper: 2, Large: 2},
		Columns: []string{"data", "activation", "dim", "atoms", "support", "delta", "samples", "seed", "mu", "rate", "reference"},
		Cells:   theorem3Cells,
		Claims:  theorem3Claims,
	}
}

func theorem3Cells(p reproduce.Params) (cells []reproduce.Cell, err error) {
	seeds := 1
	if p.Scale != reproduce.Quick {
		seeds = 3
	}
	for _, reference := range consistencyReferences {
		var settings []consistency
		for seed := range seeds {
			settings = append(settings, consistency{
				Data: reference.data, Activation: reference.activation, Dim: reference.dim, Atoms: 2 * reference.dim, Support: reference.k,
				Delta: reference.delta, Seed: p.Seed + uint64(seed),
			})
		}
		name := fmt.Sprintf("%s-%s-d%d-k%d-delta%g", reference.data, reference.activation, reference.dim, reference.k, reference.delta)
		cells = append(cells, reproduce.Cell{Name: name, Settings: settings, Run: func(ctx context.Context, _ *reproduce.Env) (*reproduce.Output, error) {
			out := &reproduce.Output{}
			for _, s := range settings {
				r, err := s.measure(ctx)
				if err != nil {
					return nil, err
				}
				out.Rows = append(out.Rows, reproduce.Row{
					"data": r.Data, "activation": string(r.Activation), "dim": r.Dim, "atoms": r.Atoms, "support": r.Support, "delta": r.Delta,
					"samples": r.Samples, "seed": r.Seed, "mu": r.Mu, "rate": r.Rate, "reference": reference.rate,
				})
			}
			return out, nil
		}})
	}
	return cells, nil
}

func theorem3Claims(r *reproduce.Results) (claims []reproduce.Claim, err error) {
	for _, c := range consistencyReferences {
		rows := reproduce.Where(r.Rows, "data", c.data, "activation", string(c.activation), "dim", c.dim, "support", c.k, "delta", c.delta)
		text := fmt.Sprintf("%s, %s, d = %d, k = %d, δ = %g", c.data, c.activation, c.dim, c.k, c.delta)
		tolerance := reproduce.OldTolerance{Absolute: 0.08} // dictionaries differ, and so do rates inside (0, 1)
		if c.rate == 0 || c.rate == 1 {
			tolerance.Absolute = 0.02
		}
		claims = append(claims, reproduce.OldEqual(text, reproduce.Mean(rows, "rate", ""), reproduce.Exact(c.rate), tolerance))
	}
	return claims, nil
}
