package nguyen

import (
	"cmp"
	"context"
	"math"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
)

// consistency is a setting of Theorem 3: data of a dictionary model with noise, and W at distance δ from the dictionary in every
// column.
type consistency struct {
	// Data is the model: datasets.Mixture, SparseCodes (entries ±1) or NonNegativeCodes (entries in [1, 2]).
	Data string `json:"data"`
	// Activation is the encoder's: graph.Threshold at λ = a₁/2 without bias, or graph.ReLU with a bias of the theorem's interval.
	Activation graph.Activation `json:"activation"`
	// Dictionary is the kind of the dictionary.
	Dictionary string `json:"dictionary"`
	// Dim, Atoms and Support are d (the paper's n), m and k. The mixture has k = 1.
	Dim     int     `json:"dim"`
	Atoms   int     `json:"atoms"`
	Support int     `json:"support"`
	Delta   float64 `json:"delta"`
	// Upper says that the ReLU's bias is the upper end −a₂δ√k of the interval, else its middle −(1 − δ)a₁/2. The mixture has the
	// middle of its own, −(1 + δ)/2.
	Upper bool `json:"upper,omitempty"`
	// Noise is √d times the standard deviation of the noise, its length in one direction.
	Noise float64 `json:"noise"`
	// Samples is how many samples are drawn. Zero means 1000.
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
	// Guarantee is the lower bound of the theorem's condition, Chance the mean over random dictionaries, NaN for other ones.
	Guarantee, Chance float64
}

// level is what a unit's ⟨W_i, y⟩ must pass to be active: λ, or −b.
func (c consistency) level(law kernels.CodeLaw) float64 {
	switch {
	case c.Activation == graph.Threshold:
		return law.Lo / 2
	case c.Data == datasets.Mixture:
		return (1 + c.Delta) / 2
	case c.Upper:
		return law.Hi * c.Delta * math.Sqrt(float64(law.Support))
	}
	return (1 - c.Delta) * law.Lo / 2
}

// deviation is the standard deviation of the noise in a coordinate, and in the direction of a unit.
func (c consistency) deviation() float64 { return c.Noise / math.Sqrt(float64(c.Dim)) }

// law is the law of the codes.
func (c consistency) law() (kernels.CodeLaw, error) {
	support := c.Support
	if c.Data == datasets.Mixture {
		support = 0
	}
	return datasets.NewCodeLaw(c.Data, c.Atoms, support, 0, 0)
}

// measure counts how often the code has the signs of the true one.
//
// Source: Nguyen, Wong, Hegde 2019, Theorem 3.
func (c consistency) measure(ctx context.Context) (*consistencyRow, error) {
	c.Samples = cmp.Or(c.Samples, 1000)
	dictionary, err := atomsOf(c.Dictionary, c.Atoms, c.Dim, c.Seed)
	if err != nil {
		return nil, err
	}
	law, err := c.law()
	if err != nil {
		return nil, err
	}
	level := float32(c.level(law))
	active := func(z float32) bool { return z > level || z < -level && c.Activation == graph.Threshold }
	w := sparsecoding.Near(dictionary, c.Atoms, c.Delta, c.Seed)
	source := &datasets.Bilinear{Dictionary: dictionary, Atoms: c.Atoms, Law: law, Noise: c.deviation(), Seed: c.Seed}
	found, err := sparsecoding.MeasureSupport(ctx, source, w, c.Samples, active)
	if err != nil {
		return nil, err
	}
	row := &consistencyRow{consistency: c, Mu: datasets.CoherenceOf(dictionary, c.Atoms).Mu, Rate: found.Signs, Chance: math.NaN()}
	row.Guarantee = c.guarantee(law, row.Mu, farthest(w, dictionary, c.Atoms))
	if c.Dictionary == randomAtoms {
		row.Chance = c.chance(law)
	}
	return row, nil
}

// farthest is the largest distance of a unit from its atom.
func farthest(w, dictionary []float32, atoms int) float64 {
	least := 1.0
	for _, l := range ownOverlaps(w, dictionary, atoms) {
		least = math.Min(least, l)
	}
	return math.Sqrt(2 * (1 - least))
}
