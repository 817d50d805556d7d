package nguyen

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train"
)

// The initialisations of Figures 2 and 3.
const (
	fromPerturbed = "perturbed" // W = A + δE, the entries of E normal with standard deviation 1/√d
	fromPrincipal = "principal" // the first m left singular vectors of the data
	fromRandom    = "random"    // random unit columns
)

// initialisations lists the initialisations.
func initialisations() []string { return []string{fromPerturbed, fromPrincipal, fromRandom} }

// descent is a run of the experiment of Nguyen et al., section 6: normalised gradient descent of a ReLU autoencoder on a mixture
// of Gaussians, on all samples in every iteration, with a bias that is halved in each.
type descent struct {
	// Init is how W starts.
	Init string `json:"init"`
	// Noise is σ_η.
	Noise float64 `json:"noise"`
	// Zeta is the step size ζ. Zero means m, the paper's. With m/5 the figure's contrast between initialisations shows.
	Zeta float64 `json:"zeta"`
	// Dim, Atoms, Samples and Iterations are d (the paper's n), m, N and T. Zeros mean 784, 10, 10000 and 50.
	Dim        int `json:"dim"`
	Atoms      int `json:"atoms"`
	Samples    int `json:"samples"`
	Iterations int `json:"iterations"`
	// Delta is δ of the perturbation and of the bias, which starts at −2.5δ. Zero means 0.5.
	Delta float64 `json:"delta"`
	Seed  uint64  `json:"seed"`
}

// descentRow is the state before an iteration.
type descentRow struct {
	descent
	Iteration int
	// Loss is L = ½E‖y − ŷ‖²; its floor is the energy of the noise, ½dσ².
	Loss float64
	// Distance is ‖W − A‖_F after the best matching of the columns.
	Distance float64
}

func (d descent) withDefaults() descent {
	d.Dim = cmp.Or(d.Dim, 784)
	d.Atoms = cmp.Or(d.Atoms, 10)
	d.Samples = cmp.Or(d.Samples, 10000)
	d.Iterations = cmp.Or(d.Iterations, 50)
	d.Delta = cmp.Or(d.Delta, 0.5)
	d.Zeta = cmp.Or(d.Zeta, float64(d.Atoms))
	return d
}

// run runs the experiment and returns a row for every iteration, and one for the end.
//
// Source: Nguyen, Wong, Hegde 2019, section 6, Figures 2 and 3.
func (d descent) run(ctx context.Context, exec graph.Executor) ([]descentRow, error) {
	d = d.withDefaults()
	dictionary, err := datasets.Dictionary(d.Atoms, d.Dim, d.Seed)
	if err != nil {
		return nil, err
	}
	law, err := datasets.NewCodeLaw(datasets.Mixture, d.Atoms, 0, 0, 0)
	if err != nil {
		return nil, err
	}
	y := make([]float32, d.Samples*d.Dim)
	source := &datasets.Bilinear{Dictionary: dictionary, Atoms: d.Atoms, Law: law, Noise: d.Noise, Seed: d.Seed}
	if err := source.Fill(y, 0); err != nil {
		return nil, err
	}
	w, err := d.start(dictionary, y)
	if err != nil {
		return nil, err
	}
	net, err := sparsecoding.LoadFed(ctx, exec, train.Config{
		Model: sparsecoding.Tied(d.Dim, d.Atoms, train.TiedConfig{Bias: "decayed", BiasStart: -2.5 * d.Delta, BiasFactor: 0.5}),
		Batch: d.Samples, Optimizer: sparsecoding.NormalisedDescent(d.Zeta, d.Dim),
	})
	if err != nil {
		return nil, err
	}
	defer net.Close()
	if err := net.Feed(y); err != nil {
		return nil, err
	}
	trace, err := descend(ctx, net, w, dictionary, d.Atoms, d.Iterations)
	var rows []descentRow
	for i, p := range trace {
		rows = append(rows, descentRow{d, i, p.loss, math.Sqrt(p.distance2)})
	}
	return rows, err
}

// start is W at the beginning.
func (d descent) start(dictionary, y []float32) ([]float32, error) {
	switch d.Init {
	case fromPerturbed:
		return train.Perturb(dictionary, d.Dim, d.Delta, d.Seed), nil
	case fromPrincipal:
		return train.Principal(y, d.Atoms, d.Dim)
	case fromRandom:
		return sparsecoding.UnitRows(d.Atoms, d.Dim, d.Seed, sparsecoding.RandomStart), nil
	}
	return nil, fmt.Errorf("nguyen: init = %q: must be one of %v", d.Init, initialisations())
}

// point is the state before an iteration.
type point struct{ loss, distance2 float64 }

// descend writes W and runs iterations, and returns the state before each and at the end.
func descend(ctx context.Context, net *sparsecoding.Autoencoder, w, dictionary []float32, atoms, iterations int) (trace []point, err error) {
	if err := net.SetWeights(0, w); err != nil {
		return nil, err
	}
	for range iterations + 1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := point{distance2: sparsecoding.Distance2(w, dictionary, atoms)}
		if p.loss, err = net.Step(); err != nil {
			return nil, err
		}
		if w, err = net.Weights(); err != nil {
			return nil, err
		}
		trace = append(trace, p)
	}
	return trace, nil
}
