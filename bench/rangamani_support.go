package bench

import (
	"context"
	"math"

	"autoamp/datasets"
	"autoamp/kernels"
)

// Recovery is the setting of Theorem 3.1 of Rangamani et al.: a dictionary of low coherence, and W at distance δ from it.
type Recovery struct {
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

// RecoveryRow is what was found.
type RecoveryRow struct {
	Recovery
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

// RangamaniRecovery measures how often the active units are the support.
//
// Source: Rangamani et al. 2018, Theorem 3.1, as reconstructed in theory.md §13.2.
func RangamaniRecovery(ctx context.Context, r Recovery) (*RecoveryRow, error) {
	orElse(&r.H, 256)
	orElse(&r.Dim, 3000)
	orElse(&r.Support, 3)
	orElse(&r.Lo, 1)
	orElse(&r.Hi, 2)
	orElse(&r.Samples, 4000)
	dictionary, err := datasets.Dictionary(r.H, r.Dim, r.Seed)
	if err != nil {
		return nil, err
	}
	mu := datasets.CoherenceOf(dictionary, r.H).Max
	mean, k := (r.Lo+r.Hi)/2, float64(r.Support)
	row := &RecoveryRow{
		Recovery: r, Coherence: mu, Bias: 2 * mean * k * (r.Delta + mu),
		Bound: math.Exp(-2 * k * mean * mean / ((r.Hi - r.Lo) * (r.Hi - r.Lo))),
	}
	row.Sufficient = r.Lo*(1-r.Delta)-(k-1)*r.Hi*(r.Delta+mu) > row.Bias
	law, err := datasets.NewCodeLaw(datasets.NonNegativeCodes, r.H, r.Support, r.Lo, r.Hi)
	if err != nil {
		return nil, err
	}
	source := &datasets.Bilinear{Dictionary: dictionary, Atoms: r.H, Law: law, Seed: r.Seed}
	w := moved(dictionary, r.Delta, unitRows(r.H, r.Dim, r.Seed, displacement))
	found, err := measureSupport(ctx, source, w, r.Samples, func(z float32) bool { return float64(z) > row.Bias })
	row.TruePositive, row.FalsePositive, row.Exact = found.TruePositive, found.FalsePositive, found.Exact
	return row, err
}

// support is how well the active units are the support of the code.
type support struct {
	// TruePositive is the share of the support that is active, FalsePositive the number of units per sample that are
	// active outside it, Exact the share of samples with neither error, and Signs that of those whose active units
	// moreover have the code's signs.
	TruePositive, FalsePositive, Exact, Signs float64
}

// supportBatch is the number of samples at a time.
const supportBatch = 500

// measureSupport draws about so many samples and compares the units of W, of which active says which are on by their W·y, with the
// codes.
func measureSupport(ctx context.Context, source *datasets.Bilinear, w []float32, samples int, active func(float32) bool) (mean support, err error) {
	batch := min(samples, supportBatch)
	batches := max(1, samples/batch)
	y := make([]float32, batch*source.Dim())
	for step := range batches {
		if err := ctx.Err(); err != nil {
			return mean, err
		}
		codes, err := source.FillCodes(y, uint64(step))
		if err != nil {
			return mean, err
		}
		s := compareSupport(preactivations(y, w, source.Dim()), codes, source.Atoms, active)
		mean.TruePositive += s.TruePositive / float64(batches)
		mean.FalsePositive += s.FalsePositive / float64(batches)
		mean.Exact += s.Exact / float64(batches)
		mean.Signs += s.Signs / float64(batches)
	}
	return mean, nil
}

// compareSupport compares W·y and codes of a batch, both (b, m).
func compareSupport(z, codes []float32, atoms int, active func(float32) bool) (s support) {
	batch := float64(len(z) / atoms)
	entries := 0.0
	for ; len(z) > 0; z, codes = z[atoms:], codes[atoms:] {
		exact, signs := 1.0, 1.0
		for j, x := range codes[:atoms] {
			on := active(z[j])
			if on != (x != 0) {
				exact = 0
			}
			if on && x*z[j] < 0 {
				signs = 0
			}
			switch {
			case x != 0 && on:
				s.TruePositive++
			case on:
				s.FalsePositive++
			}
			if x != 0 {
				entries++
			}
		}
		s.Exact += exact / batch
		s.Signs += exact * signs / batch
	}
	s.TruePositive /= entries
	s.FalsePositive /= batch
	return s
}

// preactivations is W·y for every row of y, (b, n).
func preactivations(y, w []float32, dim int) []float32 {
	batch, n := len(y)/dim, len(w)/dim
	z := make([]float32, batch*n)
	kernels.Gemm(kernels.NewWorkspace(kernels.BestLevel()), kernels.Product{
		M: batch, N: n, K: dim, Alpha: 1,
		A: kernels.Matrix{Data: y, Stride: dim},
		B: kernels.Matrix{Data: w, Stride: dim, Trans: true},
		C: kernels.Matrix{Data: z, Stride: n},
	})
	return z
}
