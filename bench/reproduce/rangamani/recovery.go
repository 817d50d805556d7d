package rangamani

import (
	"cmp"
	"context"
	"math"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
)

// recovery is the setting of Theorem 3.1 of Rangamani et al.: a dictionary of low coherence, and W at distance δ from it.
type recovery struct {
	// H, Dim and Support are h, the dimension of the data, and k = hᵖ. Zeros mean 256, 3000 and 3.
	H       int `json:"h"`
	Dim     int `json:"dim"`
	Support int `json:"support"`
	// Lo and Hi bound the amplitudes. Zeros mean 1 and 2.
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
	// Delta is δ, the distance of every column of W from the dictionary's.
	Delta float64 `json:"delta"`
	// Samples is how many samples are drawn. Zero means 4000.
	Samples int    `json:"samples"`
	Seed    uint64 `json:"seed"`
}

// recoveryRow is the result of a recovery.
type recoveryRow struct {
	recovery
	// Coherence is μ₀ = h^{−ξ}, the dictionary's, and Bias the theorem's ε = 2·m₁·k·(δ + μ₀).
	Coherence, Bias float64
	// TruePositive is the share of the support that is active, FalsePositive the active units outside it per sample, Exact the
	// share of samples with neither error.
	TruePositive, FalsePositive, Exact float64
	// Bound is the theorem's, on the probability that a given unit errs: exp(−2k·m₁²/(Hi − Lo)²).
	Bound float64
	// Sufficient says that a(1−δ) − (k−1)b(δ+μ₀) > ε: no unit of the support can be missed.
	Sufficient bool
}

// measure counts how often the active units are the support.
//
// Source: Rangamani et al. 2018, Theorem 3.1, as reconstructed in amp/THEORY.md §13.2.
func (r recovery) measure(ctx context.Context) (*recoveryRow, error) {
	r.H = cmp.Or(r.H, 256)
	r.Dim = cmp.Or(r.Dim, 3000)
	r.Support = cmp.Or(r.Support, 3)
	r.Lo = cmp.Or(r.Lo, 1)
	r.Hi = cmp.Or(r.Hi, 2)
	r.Samples = cmp.Or(r.Samples, 4000)
	dictionary, err := datasets.Dictionary(r.H, r.Dim, r.Seed)
	if err != nil {
		return nil, err
	}
	mu := datasets.CoherenceOf(dictionary, r.H).Max
	mean, k := (r.Lo+r.Hi)/2, float64(r.Support)
	row := &recoveryRow{
		recovery: r, Coherence: mu, Bias: 2 * mean * k * (r.Delta + mu),
		Bound: math.Exp(-2 * k * mean * mean / ((r.Hi - r.Lo) * (r.Hi - r.Lo))),
	}
	row.Sufficient = r.Lo*(1-r.Delta)-(k-1)*r.Hi*(r.Delta+mu) > row.Bias
	law, err := datasets.NewCodeLaw(datasets.NonNegativeCodes, r.H, r.Support, r.Lo, r.Hi)
	if err != nil {
		return nil, err
	}
	source := &datasets.Bilinear{Dictionary: dictionary, Atoms: r.H, Law: law, Seed: r.Seed}
	w := sparsecoding.Moved(dictionary, r.Delta, sparsecoding.UnitRows(r.H, r.Dim, r.Seed, sparsecoding.Displacement))
	found, err := sparsecoding.MeasureSupport(ctx, source, w, r.Samples, func(z float32) bool { return float64(z) > row.Bias })
	row.TruePositive, row.FalsePositive, row.Exact = found.TruePositive, found.FalsePositive, found.Exact
	return row, err
}
