package rangamani

import (
	"context"
	"math"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/graph"
)

// gradientRow is one entry of Table 1 for one seed.
type gradientRow struct {
	setting
	Support int
	Bias    float64
	// Norm is the mean over columns of ‖E∇_{W_i}L‖.
	Norm float64
	// Proxy is the mean norm of the proxy gradient, which flows through the units of the support, and Difference that of the proxy
	// gradient minus the true one. Both are NaN where they were not asked for.
	Proxy, Difference float64
	// Coherence is the dictionary's.
	Coherence datasets.Coherence
	// TruePositive is the share of the support that is active, FalsePositive the active units outside it per sample.
	TruePositive, FalsePositive float64
}

// gradient measures one entry of Table 1: W = A* + (δ/2)·(random unit columns).
//
// Source: Rangamani et al. 2018, Table 1, with the constants of amp/THEORY.md §13.3.
func (s setting) gradient(ctx context.Context, exec graph.Executor, proxy bool) (*gradientRow, error) {
	s = s.withDefaults()
	row := &gradientRow{setting: s, Support: s.support(), Bias: s.bias(), Proxy: math.NaN(), Difference: math.NaN()}
	source, err := s.source()
	if err != nil {
		return nil, err
	}
	w := s.near(source)
	g, err := gradientAt(ctx, exec, source, row.Bias, s.Samples, w, false)
	if err != nil {
		return nil, err
	}
	row.Norm = meanRowNorm(g, s.H)
	if proxy {
		p, err := gradientAt(ctx, exec, source, row.Bias, s.Samples, w, true)
		if err != nil {
			return nil, err
		}
		row.Proxy, row.Difference = meanRowNorm(p, s.H), meanRowNorm(minus(p, g), s.H)
	}
	row.Coherence = datasets.CoherenceOf(source.Dictionary, s.H)
	found, err := sparsecoding.MeasureSupport(ctx, source, w, s.Samples, func(z float32) bool { return float64(z) > row.Bias })
	row.TruePositive, row.FalsePositive = found.TruePositive, found.FalsePositive
	return row, err
}

// expectedTruePositive is the share of the support that is active, for a random dictionary and a random W.
func (r *gradientRow) expectedTruePositive() float64 {
	return recovery{Dim: r.Dim, Lo: r.Lo, Hi: r.Hi}.truePositive(r.Support, r.delta()/2, r.Bias)
}

// near is W of Table 1.
func (s setting) near(source *datasets.Bilinear) []float32 {
	return sparsecoding.Moved(source.Dictionary, s.delta()/2, sparsecoding.UnitRows(s.H, s.Dim, s.Seed, sparsecoding.Displacement))
}

// gradientNorm is the first of gradient's numbers alone, in half of the time.
func (s setting) gradientNorm(ctx context.Context, exec graph.Executor) (float64, error) {
	s = s.withDefaults()
	source, err := s.source()
	if err != nil {
		return 0, err
	}
	g, err := gradientAt(ctx, exec, source, s.bias(), s.Samples, s.near(source), false)
	return meanRowNorm(g, s.H), err
}

// gradientAt is the expected gradient at W, (h, n), or the proxy's.
func gradientAt(ctx context.Context, exec graph.Executor, source *datasets.Bilinear, bias float64, samples int, w []float32, proxy bool) ([]float64, error) {
	l, err := newLandscape(ctx, exec, source, bias, samples, proxy)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	_, gradient, err := l.at(ctx, w)
	return gradient, err
}

// minus is a − b.
func minus(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range out {
		out[i] = a[i] - b[i]
	}
	return out
}

// logRMS is the root mean square of ln(mine/theirs), the distance of two tables of positive numbers.
func logRMS(mine, theirs []float64) float64 {
	var sum float64
	for i := range mine {
		l := math.Log(mine[i] / theirs[i])
		sum += l * l
	}
	return math.Sqrt(sum / float64(len(mine)))
}
