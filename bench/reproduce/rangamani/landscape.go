package rangamani

import (
	"context"
	"math"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train"
)

// landscapeRow is loss and gradient at one point W = A* + t·ΔW of a line through the dictionary.
type landscapeRow struct {
	setting
	// T is the distance t from the dictionary in units of ΔW, whose columns are random unit vectors.
	T float64
	// Loss is L = ½E‖y − ŷ‖², Norm the mean over columns of ‖E∇_{W_i}L‖.
	Loss, Norm float64
}

// landscapeT are the distances at which the figures are evaluated.
var landscapeT = []float64{0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.25, 1.5, 2}

// landscapeSettings are the settings of Figures 1 and 2 (loss and gradient), 3 and 4, 5 and 6 of Rangamani et al. The
// paper's h and p are lost; these settings show the shapes that its text describes (amp/THEORY.md §13.4). In the last the bias exceeds every
// pre-activation near the dictionary.
func landscapeSettings(seed uint64) []setting {
	return []setting{
		{H: 256, P: 0.01, Dim: 100, Prefactor: 0.1, Samples: 6000, Seed: seed},
		{H: 256, P: 0.1, Dim: 100, Prefactor: 0.1, Samples: 6000, Seed: seed},
		{H: 256, P: 0.5, Dim: 100, Prefactor: 0.6, Samples: 6000, Seed: seed},
	}
}

// line evaluates loss and gradient along a line, with the bias fixed.
//
// Source: Rangamani et al. 2018, Figures 1 to 6.
func (s setting) line(ctx context.Context, exec graph.Executor, ts []float64) ([]landscapeRow, error) {
	s = s.withDefaults()
	l, err := s.landscape(ctx, exec, false)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	direction := sparsecoding.UnitRows(s.H, s.Dim, s.Seed, sparsecoding.Displacement)
	var rows []landscapeRow
	for _, t := range ts {
		row := landscapeRow{setting: s, T: t}
		if row.Loss, row.Norm, err = l.at(ctx, sparsecoding.Moved(l.source.Dictionary, t, direction)); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// landscapeBatch is the number of samples that go through the executor at a time.
const landscapeBatch = 500

// landscape evaluates loss and gradient of a setting. The caller closes it.
type landscape struct {
	*sparsecoding.Autoencoder
	setting
	source *datasets.Bilinear
}

func (s setting) landscape(ctx context.Context, exec graph.Executor, proxy bool) (*landscape, error) {
	source, err := s.source()
	if err != nil {
		return nil, err
	}
	a, err := sparsecoding.Load(ctx, exec, train.Config{
		Model: sparsecoding.Tied(s.Dim, s.H, train.TiedConfig{Bias: "fixed", BiasStart: -s.bias(), Proxy: proxy}),
		Batch: min(landscapeBatch, s.Samples), Seeds: []uint64{s.Seed}, Optimizer: sparsecoding.PlainGradient(),
		Data: train.DataConfig{Name: datasets.NonNegativeCodes, DictionaryConfig: train.DictionaryConfig{
			Atoms: s.H, Support: s.support(), Lo: s.Lo, Hi: s.Hi, Dictionary: s.Seed,
		}},
	}, source.Dictionary)
	if err != nil {
		return nil, err
	}
	return &landscape{a, s, source}, nil
}

// at returns the loss and the mean norm of the columns of the expected gradient at W.
func (l *landscape) at(ctx context.Context, w []float32) (loss, norm float64, err error) {
	l.Rewind() // the same samples at every point
	loss, gradient, err := l.MeanGradient(ctx, w, max(1, l.Samples/landscapeBatch))
	if err != nil {
		return 0, 0, err
	}
	return loss, meanRowNorm(gradient, l.H), nil
}

// meanRowNorm is the mean over rows of their Euclidean norms.
func meanRowNorm(a []float64, rows int) float64 {
	cols, sum := len(a)/rows, 0.0
	for i := range rows {
		var squares float64
		for _, v := range a[i*cols : (i+1)*cols] {
			squares += v * v
		}
		sum += math.Sqrt(squares)
	}
	return sum / float64(rows)
}
