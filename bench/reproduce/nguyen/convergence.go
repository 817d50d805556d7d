package nguyen

import (
	"cmp"
	"context"
	"math"

	"gonum.org/v1/gonum/stat"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
	"autoamp/train"
)

// convergence is a setting of Theorem 4: normalised gradient descent on fresh samples in every iteration, from W = A + δ·(random
// unit columns). The threshold autoencoder has λ = a₁/2 and no bias. The ReLU has the bias of the proof, b⁰ = −1/ln d, and
// multiplies it by √(1 − τ) in every iteration.
type convergence struct {
	// Data is the model: datasets.Mixture, SparseCodes (entries ±1) or NonNegativeCodes (entries in [1, 2]).
	Data string `json:"data"`
	// Activation is the encoder's: graph.Threshold or graph.ReLU.
	Activation graph.Activation `json:"activation"`
	// Dim, Atoms and Support are d (the paper's n), m and k. The mixture has k = 1.
	Dim     int `json:"dim"`
	Atoms   int `json:"atoms"`
	Support int `json:"support"`
	// Hi is a₂. Zero means the default of the model, 1 for signed codes and 2 for non-negative ones.
	Hi float64 `json:"hi,omitempty"`
	// Dictionary is the kind of the dictionary: randomAtoms, orthogonalAtoms or basisAtoms.
	Dictionary string `json:"dictionary"`
	// Step is ζ·(k/m)·E x*², so that ζ = Θ(m/k). Zero means 0.2, at which τ is 0.36.
	Step float64 `json:"step"`
	// Delta is δ.
	Delta float64 `json:"delta"`
	// Samples is the number of samples of an iteration, Iterations the number of iterations. Zeros mean 4000 and 20.
	Samples    int `json:"samples"`
	Iterations int `json:"iterations"`
	// Seed is of the dictionary and of the start. Settings with another Draw have the same of both, and other samples.
	Seed uint64 `json:"seed"`
	Draw uint64 `json:"draw,omitempty"`
}

// convergenceRow is the state before an iteration.
type convergenceRow struct {
	Iteration int
	// Distance2 is ‖W − A‖² after the best matching of the columns; Expected is the same of the expected descent, NaN where the
	// code is not consistent or a formula is missing.
	Distance2, Expected float64
	// Bias is b, Overlap the mean of λ_i = ⟨W_i, A_i⟩ over the units.
	Bias, Overlap float64
	// Lemma1 is the share of units with |(b + λ_i)² − λ_i| ≤ 2(1 − λ_i), up to the rounding of W.
	Lemma1 float64
	// Consistent is the share of 500 samples whose code has the true signs.
	Consistent float64
}

func (c convergence) withDefaults() convergence {
	c.Support = cmp.Or(c.Support, 1)
	c.Step = cmp.Or(c.Step, 0.2)
	c.Samples = cmp.Or(c.Samples, 4000)
	c.Iterations = cmp.Or(c.Iterations, 20)
	return c
}

// rate is τ near an orthogonal dictionary, where the distance shrinks by 1 − Step in an iteration.
func (c convergence) rate() float64 { return 1 - (1-c.Step)*(1-c.Step) }

// bias is b before an iteration.
func (c convergence) bias(iteration int) float64 {
	if c.Activation != graph.ReLU {
		return 0
	}
	return -math.Pow(1-c.rate(), float64(iteration)/2) / math.Log(float64(c.Dim))
}

// law is the law of the codes.
func (c convergence) law() (kernels.CodeLaw, error) {
	if c.Data == datasets.Mixture {
		return datasets.NewCodeLaw(c.Data, c.Atoms, 0, 0, 0)
	}
	if c.Hi != 0 {
		return datasets.NewCodeLaw(c.Data, c.Atoms, c.Support, 1, c.Hi)
	}
	return datasets.NewCodeLaw(c.Data, c.Atoms, c.Support, 0, 0)
}

// zeta is the step size ζ.
func (c convergence) zeta(law kernels.CodeLaw) float64 {
	return c.Step * float64(c.Atoms) / (float64(c.Support) * meanSquare(law))
}

// load returns the autoencoder with its data.
func (c convergence) load(ctx context.Context, exec graph.Executor, dictionary []float32, law kernels.CodeLaw) (*sparsecoding.Autoencoder, error) {
	tied := train.TiedConfig{Bias: "fixed"}
	if c.Activation == graph.Threshold {
		tied.Lambda = law.Lo / 2
	} else {
		tied = train.TiedConfig{Bias: "decayed", BiasStart: c.bias(0), BiasFactor: math.Sqrt(1 - c.rate())}
	}
	data := train.DictionaryConfig{Atoms: c.Atoms, Dictionary: c.Seed}
	if c.Data != datasets.Mixture {
		data.Support, data.Lo, data.Hi = law.Support, law.Lo, law.Hi
	}
	model := sparsecoding.Tied(c.Dim, c.Atoms, tied)
	model.Activation = string(c.Activation)
	return sparsecoding.Load(ctx, exec, train.Config{
		Model: model, Batch: c.Samples, Seeds: []uint64{c.Seed + 1000*c.Draw},
		Optimizer: sparsecoding.NormalisedDescent(c.zeta(law), c.Dim),
		Data:      train.DataConfig{Name: c.Data, DictionaryConfig: data},
	}, dictionary)
}

// end runs the descent and returns W − A, without matching.
func (c convergence) end(ctx context.Context, exec graph.Executor) ([]float32, error) {
	dictionary, trace, err := c.withDefaults().descend(ctx, exec)
	if err != nil {
		return nil, err
	}
	return sparsecoding.Moved(trace[len(trace)-1], -1, dictionary), nil
}

// descend draws the dictionary and runs the descent; trace is that of weights.
func (c convergence) descend(ctx context.Context, exec graph.Executor) (dictionary []float32, trace [][]float32, err error) {
	if dictionary, err = atomsOf(c.Dictionary, c.Atoms, c.Dim, c.Seed); err != nil {
		return nil, nil, err
	}
	trace, err = c.weights(ctx, exec, dictionary)
	return dictionary, trace, err
}

// weights are W before every iteration, and at the end.
func (c convergence) weights(ctx context.Context, exec graph.Executor, dictionary []float32) ([][]float32, error) {
	law, err := c.law()
	if err != nil {
		return nil, err
	}
	net, err := c.load(ctx, exec, dictionary, law)
	if err != nil {
		return nil, err
	}
	defer net.Close()
	w := sparsecoding.Near(dictionary, c.Atoms, c.Delta, c.Seed)
	if err := net.SetWeights(0, w); err != nil {
		return nil, err
	}
	trace := [][]float32{w}
	for range c.Iterations {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := net.Step(); err != nil {
			return nil, err
		}
		if w, err = net.Weights(); err != nil {
			return nil, err
		}
		trace = append(trace, w)
	}
	return trace, nil
}

// run runs the descent and returns a row for every iteration, and one for the end.
//
// Source: Nguyen, Wong, Hegde 2019, Theorem 4: ‖W − A‖² shrinks by a factor of 1 − τ in every iteration, to a floor.
func (c convergence) run(ctx context.Context, exec graph.Executor) ([]convergenceRow, error) {
	c = c.withDefaults()
	dictionary, trace, err := c.descend(ctx, exec)
	if err != nil {
		return nil, err
	}
	law, err := c.law()
	if err != nil {
		return nil, err
	}
	expected := c.expected(dictionary, trace[0], law)
	source := &datasets.Bilinear{Dictionary: dictionary, Atoms: c.Atoms, Law: law, Seed: c.Seed, Stream: datasets.Evaluation}
	var rows []convergenceRow
	for i, w := range trace {
		support, err := sparsecoding.MeasureSupport(ctx, source, w, 500, c.active(i, law))
		if err != nil {
			return nil, err
		}
		row := convergenceRow{
			Iteration: i, Distance2: sparsecoding.Distance2(w, dictionary, c.Atoms), Expected: expected[i],
			Bias: c.bias(i), Consistent: support.Signs,
		}
		row.Overlap, row.Lemma1 = lemma1(w, dictionary, c.Atoms, row.Bias)
		rows = append(rows, row)
	}
	return rows, nil
}

// active says whether a unit with z = ⟨W_i, y⟩ is active before an iteration.
func (c convergence) active(iteration int, law kernels.CodeLaw) func(float32) bool {
	lambda, bias := float32(law.Lo/2), float32(c.bias(iteration))
	if c.Activation == graph.ReLU {
		return func(z float32) bool { return z+bias > 0 }
	}
	return func(z float32) bool { return z > lambda || z < -lambda }
}

// expected are the distances of the expected descent from W: of the closed form for the mixture, and of the population for the
// threshold autoencoder.
func (c convergence) expected(dictionary, w []float32, law kernels.CodeLaw) []float64 {
	distances := make([]float64, c.Iterations+1)
	switch {
	case c.Data == datasets.Mixture:
		overlaps := ownOverlaps(w, dictionary, c.Atoms)
		for i := range distances {
			distances[i] = clusterDistance2(overlaps)
			stepClusters(overlaps, c.bias(i), c.Step)
		}
	case c.Activation == graph.Threshold:
		p, w := newPopulation(dictionary, c.Atoms, law), wide(w, c.Atoms)
		normaliseRows(w)
		for i := range distances {
			distances[i] = p.distance2(w)
			p.step(w, c.zeta(law))
		}
	default:
		for i := range distances {
			distances[i] = math.NaN()
		}
	}
	return distances
}

// above counts the iterations down to ten times the smallest distance: below, the floor shows.
func above(distances2 []float64) int {
	floor := math.Inf(1)
	for _, d := range distances2 {
		floor = math.Min(floor, d)
	}
	for s, d := range distances2 {
		if d <= 10*floor {
			return s
		}
	}
	return len(distances2)
}

// fitRate fits ‖W − A‖² = c·(1 − τ)^s by least squares of the logarithm. It returns τ, and the root mean square of the residuals
// of ln‖W − A‖², small where convergence is linear; both are NaN for fewer than three iterations.
func fitRate(distances2 []float64) (tau, residual float64) {
	if len(distances2) < 3 {
		return math.NaN(), math.NaN()
	}
	var x, y []float64
	for s, d := range distances2 {
		x, y = append(x, float64(s)), append(y, math.Log(d))
	}
	intercept, slope := stat.LinearRegression(x, y, nil, false)
	for i := range x {
		r := y[i] - intercept - slope*x[i]
		residual += r * r / float64(len(x))
	}
	return 1 - math.Exp(slope), math.Sqrt(residual)
}
