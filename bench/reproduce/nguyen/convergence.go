package nguyen

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train"
)

// convergence is a setting of Theorem 4: normalised gradient descent of the threshold autoencoder, λ = a₁/2 and
// no bias, on fresh samples in every iteration, from W = A + δ·(random unit columns).
type convergence struct {
	// Data is the model: datasets.Mixture, SparseCodes (entries ±1) or NonNegativeCodes (entries in [1, 2]).
	Data string `json:"data"`
	// Dim, Atoms and Support are d (the paper's n), m and k. Zeros mean 784, 10 and 1.
	Dim     int `json:"dim"`
	Atoms   int `json:"atoms"`
	Support int `json:"support"`
	// Noise is σ_η.
	Noise float64 `json:"noise"`
	// Zeta is the step size ζ. Zero means m/(5k·E x*²), at which Predicted is 0.36.
	Zeta float64 `json:"zeta"`
	// Delta is δ. Zero means 0.3.
	Delta float64 `json:"delta"`
	// Samples is the number of samples of an iteration, Iterations the number of iterations. Zeros mean 4000 and 20.
	Samples    int    `json:"samples"`
	Iterations int    `json:"iterations"`
	Seed       uint64 `json:"seed"`
}

// convergenceRow is the state before an iteration.
type convergenceRow struct {
	convergence
	Iteration int
	// Distance2 is ‖W − A‖_F² after the best matching of the columns.
	Distance2 float64
	// Predicted is the rate τ near an orthogonal dictionary, 1 − (1 − ζ·(k/m)·E x*²)².
	Predicted float64
}

// run runs the experiment and returns a row for every iteration, and one for the end.
//
// Source: Nguyen, Wong, Hegde 2019, Theorem 4: ‖W − A‖_F² shrinks by a factor of 1 − τ in every iteration.
func (c convergence) run(ctx context.Context, exec graph.Executor) ([]convergenceRow, error) {
	c.Dim = cmp.Or(c.Dim, 784)
	c.Atoms = cmp.Or(c.Atoms, 10)
	c.Support = cmp.Or(c.Support, 1)
	c.Delta = cmp.Or(c.Delta, 0.3)
	c.Samples = cmp.Or(c.Samples, 4000)
	c.Iterations = cmp.Or(c.Iterations, 20)
	dictionary, err := datasets.Dictionary(c.Atoms, c.Dim, c.Seed)
	if err != nil {
		return nil, err
	}
	law, err := datasets.NewCodeLaw(c.Data, c.Atoms, c.Support, 0, 0)
	if err != nil {
		return nil, err
	}
	curvature := float64(c.Support) / float64(c.Atoms) * (law.Lo*law.Lo + law.Lo*law.Hi + law.Hi*law.Hi) / 3
	c.Zeta = cmp.Or(c.Zeta, 0.2/curvature)
	rate := 1 - c.Zeta*curvature
	model := sparsecoding.Tied(c.Dim, c.Atoms, train.TiedConfig{Lambda: law.Lo / 2, Bias: "fixed"})
	model.Activation = string(graph.Threshold)
	net, err := sparsecoding.Load(ctx, exec, train.Config{
		Model: model, Batch: c.Samples, Seeds: []uint64{c.Seed}, Optimizer: sparsecoding.NormalisedDescent(c.Zeta, c.Dim),
		Data: train.DataConfig{Name: c.Data, DictionaryConfig: train.DictionaryConfig{
			Atoms: c.Atoms, Support: c.Support, Noise: c.Noise, Dictionary: c.Seed,
		}},
	}, dictionary)
	if err != nil {
		return nil, err
	}
	defer net.Close()
	w := sparsecoding.Near(dictionary, c.Atoms, c.Delta, c.Seed)
	trace, err := descend(ctx, net, w, dictionary, c.Atoms, c.Iterations)
	var rows []convergenceRow
	for i, p := range trace {
		rows = append(rows, convergenceRow{c, i, p.distance2, 1 - rate*rate})
	}
	return rows, err
}

// fitRate fits ‖W − A‖_F² = c·(1 − τ)^s to the iterations down to ten times the smallest distance, by least squares of the
// logarithm: below, the floor that noise and the dictionary's coherence leave shows. It returns τ, and the root mean square of
// the residuals of ln‖W − A‖², small where convergence is linear; both are NaN where there are fewer than three such iterations.
func fitRate(distances2 []float64) (tau, residual float64) {
	floor := slices.Min(distances2)
	var x, y []float64
	for s, d := range distances2 {
		if d <= 10*floor {
			break
		}
		x, y = append(x, float64(s)), append(y, math.Log(d))
	}
	if len(x) < 3 {
		return math.NaN(), math.NaN()
	}
	intercept, slope := stat.LinearRegression(x, y, nil, false)
	for i := range x {
		r := y[i] - intercept - slope*x[i]
		residual += r * r / float64(len(x))
	}
	return 1 - math.Exp(slope), math.Sqrt(residual)
}
