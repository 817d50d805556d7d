package rangamani

import (
	"context"
	"math"

	"autoamp/amp"
	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/graph"
)

// The grid of Table 1 of Rangamani et al., and its gradient norms, by h and p. They were printed without the constants of
// the experiment.
var (
	table1H     = []int{256, 512, 1024, 2048, 4096}
	table1P     = []float64{0.01, 0.02, 0.05, 0.1}
	table1Norms = [5][4]float64{
		{.0137, .0138, .0126, .0095},
		{.0058, .0058, .0054, .0071},
		{.0025, .0024, .0026, .0079},
		{.0011, .0012, .0025, .0031},
		{.0006, .0012, .0013, .0026},
	}
)

// gradientRow is one entry of the table for one seed.
type gradientRow struct {
	setting
	Support int
	Bias    float64
	// Scale is h^{p−1}, with which the theorem compares the gradient norm.
	Scale float64
	// Norm is the mean over columns of ‖E∇_{W_i}L‖, Proxy the mean norm of the proxy gradient, which flows
	// through the units of the support.
	Norm, Proxy float64
	// Leading is the norm at the true dictionary for support 1 without false positives; NaN for other supports.
	Leading float64
	// Coherence is the dictionary's.
	Coherence datasets.Coherence
	// TruePositive is the share of the support that is active, FalsePositive the active units outside it per sample.
	TruePositive, FalsePositive float64
}

// gradient measures one entry of Table 1: W = A* + (δ/2)·(random unit columns).
//
// Source: Rangamani et al. 2018, Table 1, with the constants of amp/THEORY.md §13.3.
func (s setting) gradient(ctx context.Context, exec graph.Executor) (*gradientRow, error) {
	s = s.withDefaults()
	row := &gradientRow{
		setting: s, Support: s.support(), Bias: s.bias(), Scale: amp.SparseCodingScale(s.H, s.P), Leading: math.NaN(),
	}
	if row.Support == 1 {
		row.Leading = amp.SparseCodingGradient(s.H, row.Bias, s.Lo, s.Hi)
	}
	source, err := s.source()
	if err != nil {
		return nil, err
	}
	w := sparsecoding.Moved(source.Dictionary, s.delta()/2, sparsecoding.UnitRows(s.H, s.Dim, s.Seed, sparsecoding.Displacement))
	if row.Norm, err = s.gradientNorm(ctx, exec, w, false); err != nil {
		return nil, err
	}
	if row.Proxy, err = s.gradientNorm(ctx, exec, w, true); err != nil {
		return nil, err
	}
	row.Coherence = datasets.CoherenceOf(source.Dictionary, s.H)
	found, err := sparsecoding.MeasureSupport(ctx, source, w, s.Samples, func(z float32) bool { return float64(z) > row.Bias })
	row.TruePositive, row.FalsePositive = found.TruePositive, found.FalsePositive
	return row, err
}

// gradientNorm is the mean norm of the columns of the expected gradient, or of the proxy gradient, at W.
func (s setting) gradientNorm(ctx context.Context, exec graph.Executor, w []float32, proxy bool) (float64, error) {
	l, err := s.landscape(ctx, exec, proxy)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	_, norm, err := l.at(ctx, w)
	return norm, err
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
