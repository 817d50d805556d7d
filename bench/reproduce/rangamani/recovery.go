package rangamani

import (
	"cmp"
	"context"
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
)

// recovery is the setting of Theorem 3.1 of Rangamani et al. for one dictionary: codes of k entries, amplitudes uniform on
// [Lo, Hi], and W at distance δ from the dictionary, for several k and δ.
type recovery struct {
	// H and Dim are h and the dimension of the data. A zero Dim means 3000.
	H   int `json:"h"`
	Dim int `json:"dim"`
	// Supports are k, Deltas the distances of every column of W from the dictionary's.
	Supports []int     `json:"supports"`
	Deltas   []float64 `json:"deltas"`
	// Lo and Hi bound the amplitudes. Zeros mean 1 and 2.
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
	// Samples is how many samples are drawn. Zero means 1000.
	Samples int    `json:"samples"`
	Seed    uint64 `json:"seed"`
}

func (r recovery) withDefaults() recovery {
	r.Dim = cmp.Or(r.Dim, 3000)
	r.Lo = cmp.Or(r.Lo, 1)
	r.Hi = cmp.Or(r.Hi, 2)
	r.Samples = cmp.Or(r.Samples, 1000)
	return r
}

// recoveryRow is the result for one k and δ.
type recoveryRow struct {
	Support int
	Delta   float64
	// Coherence is μ₀ = h^{−ξ}, the dictionary's, and Bias the theorem's ε = 2·m₁·k·(δ + μ₀).
	Coherence, Bias float64
	// Found says how well the active units are the support.
	Found sparsecoding.Support
	// TruePositive is the share of the support that is active, for a dictionary and directions that are random.
	TruePositive float64
	// Bound is the theorem's, on the probability that a given unit errs: exp(−2k·m₁²/(Hi − Lo)²).
	Bound float64
	// Sufficient says that no unit of the support can be missed, whatever dictionary of that coherence and W at that distance.
	Sufficient bool
}

// measure counts for every k and δ how often the active units are the support.
//
// Source: Rangamani et al. 2018, Theorem 3.1, as reconstructed in amp/THEORY.md §13.2.
func (r recovery) measure(ctx context.Context) (rows []recoveryRow, err error) {
	r = r.withDefaults()
	dictionary, err := datasets.Dictionary(r.H, r.Dim, r.Seed)
	if err != nil {
		return nil, err
	}
	mu := datasets.CoherenceOf(dictionary, r.H).Max
	towards := sparsecoding.UnitRows(r.H, r.Dim, r.Seed, sparsecoding.Displacement)
	for _, k := range r.Supports {
		law, err := datasets.NewCodeLaw(datasets.NonNegativeCodes, r.H, k, r.Lo, r.Hi)
		if err != nil {
			return nil, err
		}
		source := &datasets.Bilinear{Dictionary: dictionary, Atoms: r.H, Law: law, Seed: r.Seed}
		for _, delta := range r.Deltas {
			row := r.theory(k, delta, mu)
			w := sparsecoding.Moved(dictionary, delta, towards)
			row.Found, err = sparsecoding.MeasureSupport(ctx, source, w, r.Samples, func(z float32) bool { return float64(z) > row.Bias })
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// theory is what is known of a row before it is measured.
func (r recovery) theory(support int, delta, mu float64) recoveryRow {
	k, mean := float64(support), (r.Lo+r.Hi)/2
	row := recoveryRow{
		Support: support, Delta: delta, Coherence: mu, Bias: 2 * mean * k * (delta + mu),
		Bound: math.Exp(-2 * k * mean * mean / ((r.Hi - r.Lo) * (r.Hi - r.Lo))),
	}
	row.Sufficient = delta < r.sufficient(support, mu)
	row.TruePositive = r.truePositive(support, delta, row.Bias)
	return row
}

// sufficient is the δ below which Lo·(1−δ) − (k−1)·Hi·(δ+μ₀) > ε: no unit of the support can be missed. Units outside the
// support are off at every δ, since k·Hi·(δ+μ₀) ≤ ε.
func (r recovery) sufficient(support int, mu float64) float64 {
	k := float64(support)
	slope := (k-1)*r.Hi + k*(r.Lo+r.Hi)
	return (r.Lo - slope*mu) / (r.Lo + slope)
}

// truePositive is P(x + noise > ε): an entry x of the code is seen through ⟨W_i, A_i⟩ = 1 + δρ with ρ of variance 1/n, and
// beside k − 1 others, each through an inner product of variance (1+δ²)/n.
func (r recovery) truePositive(support int, delta, bias float64) float64 {
	n, others := float64(r.Dim), float64(support-1)*secondMoment(r.Lo, r.Hi)*(1+delta*delta)
	seen := func(x float64) float64 {
		return distuv.UnitNormal.CDF((x - bias) / math.Sqrt((delta*delta*x*x+others+1e-12)/n))
	}
	edge := math.Min(math.Max(bias, r.Lo), r.Hi)
	return (quad.Fixed(seen, r.Lo, edge, 60, nil, 0) + quad.Fixed(seen, edge, r.Hi, 60, nil, 0)) / (r.Hi - r.Lo)
}
