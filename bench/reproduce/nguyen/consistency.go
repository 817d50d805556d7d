package nguyen

import (
	"cmp"
	"context"
	"math"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/graph"
)

// consistency is a setting of Theorem 3: data of a dictionary model with noise of standard deviation 0.1/√d,
// and W at distance δ from the dictionary in every column.
type consistency struct {
	// Data is the model: datasets.Mixture, SparseCodes (entries ±1) or NonNegativeCodes (entries in [1, 2]).
	Data string `json:"data"`
	// Activation is the encoder's: graph.Threshold at λ = a₁/2 without bias, or graph.ReLU with the theorem's bias.
	Activation graph.Activation `json:"activation"`
	// Dim, Atoms and Support are d (the paper's n), m and k.
	Dim     int     `json:"dim"`
	Atoms   int     `json:"atoms"`
	Support int     `json:"support"`
	Delta   float64 `json:"delta"`
	// Samples is how many samples are drawn. Zero means 2000.
	Samples int    `json:"samples"`
	Seed    uint64 `json:"seed"`
}

// consistencyRow is the result of a consistency.
type consistencyRow struct {
	consistency
	// Mu is the incoherence μ of the dictionary, √d·max|⟨A_i, A_j⟩|.
	Mu float64
	// Rate is the share of samples with sgn(x) = sgn(x*) in every unit.
	Rate float64
}

// bias is the ReLU's: the upper end −a₂δ√k of the theorem's interval, and for the mixture the middle of (−1 + δ, −2δ).
func (c consistency) bias(hi float64) float64 {
	if c.Data == datasets.Mixture {
		return -(1 + c.Delta) / 2
	}
	return -hi * c.Delta * math.Sqrt(float64(c.Support))
}

// measure counts how often the code has the signs of the true one.
//
// Source: Nguyen, Wong, Hegde 2019, Theorem 3.
func (c consistency) measure(ctx context.Context) (*consistencyRow, error) {
	c.Samples = cmp.Or(c.Samples, 2000)
	dictionary, err := datasets.Dictionary(c.Atoms, c.Dim, c.Seed)
	if err != nil {
		return nil, err
	}
	support := c.Support
	if c.Data == datasets.Mixture {
		support = 0
	}
	law, err := datasets.NewCodeLaw(c.Data, c.Atoms, support, 0, 0)
	if err != nil {
		return nil, err
	}
	source := &datasets.Bilinear{
		Dictionary: dictionary, Atoms: c.Atoms, Law: law, Noise: 0.1 / math.Sqrt(float64(c.Dim)), Seed: c.Seed,
	}
	lambda, bias := float32(law.Lo/2), float32(c.bias(law.Hi))
	active := func(z float32) bool { return z > lambda || z < -lambda }
	if c.Activation == graph.ReLU {
		active = func(z float32) bool { return z+bias > 0 }
	}
	w := sparsecoding.Near(dictionary, c.Atoms, c.Delta, c.Seed)
	found, err := sparsecoding.MeasureSupport(ctx, source, w, c.Samples, active)
	return &consistencyRow{consistency: c, Mu: datasets.CoherenceOf(dictionary, c.Atoms).Mu, Rate: found.Signs}, err
}
