package nguyen

import (
	"cmp"
	"context"
	"errors"
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

// The schedules of the bias.
const (
	halved = "halved" // from −2.5δ, b/2 in every iteration: the paper's experiment
	held   = "held"   // the same three times, then constant
	proved = "proof"  // from −1/ln d, by √(1 − τ) in every iteration with τ = 0.36: the proof of Theorem 4
)

// heldFrom is the iteration from which the schedule held is constant.
const heldFrom = 3

// initialisations lists the initialisations.
func initialisations() []string { return []string{fromPerturbed, fromPrincipal, fromRandom} }

// descent is a run of the experiment of Nguyen et al., section 6: normalised gradient descent of a ReLU autoencoder on a mixture
// of Gaussians, on all samples in every iteration, with a bias that goes to 0.
type descent struct {
	// Init is how W starts.
	Init string `json:"init"`
	// Noise is σ_η.
	Noise float64 `json:"noise"`
	// Zeta is the step size ζ. Zero means m, the paper's. With m/5 the figure's contrast between initialisations shows.
	Zeta float64 `json:"zeta"`
	// Schedule is the bias's. Empty means halved.
	Schedule string `json:"schedule"`
	// Dictionary is the kind of the dictionary. Empty means randomAtoms, the paper's.
	Dictionary string `json:"dictionary"`
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
	d.Schedule = cmp.Or(d.Schedule, halved)
	d.Dictionary = cmp.Or(d.Dictionary, randomAtoms)
	return d
}

// run runs the experiment and returns a row for every iteration, and one for the end.
//
// Source: Nguyen, Wong, Hegde 2019, section 6, Figures 2 and 3.
func (d descent) run(ctx context.Context, exec graph.Executor) ([]descentRow, error) {
	d = d.withDefaults()
	dictionary, err := atomsOf(d.Dictionary, d.Atoms, d.Dim, d.Seed)
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
	var rows []descentRow
	for _, phase := range d.phases() {
		trace, end, err := d.descend(ctx, exec, phase, w, dictionary, y)
		if err != nil {
			return nil, err
		}
		for _, p := range trace {
			rows = append(rows, descentRow{d, len(rows), p.loss, math.Sqrt(p.distance2)})
		}
		w = end
	}
	return rows, nil
}

// phase is a part of a descent with one rule for the bias.
type phase struct {
	bias  train.TiedConfig
	steps int
}

// phases are the parts of the descent. Their steps are one more than the iterations: the state at the end is measured too.
func (d descent) phases() []phase {
	start := -2.5 * d.Delta
	down := train.TiedConfig{Bias: "decayed", BiasStart: start, BiasFactor: 0.5}
	switch d.Schedule {
	case held:
		stay := train.TiedConfig{Bias: "fixed", BiasStart: start * math.Pow(0.5, heldFrom)}
		return []phase{{down, heldFrom}, {stay, d.Iterations + 1 - heldFrom}}
	case proved:
		down.BiasStart, down.BiasFactor = -1/math.Log(float64(d.Dim)), 0.8
	}
	return []phase{{down, d.Iterations + 1}}
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

// descend runs a phase from W. It returns the state before each step, and W after the last.
func (d descent) descend(ctx context.Context, exec graph.Executor, p phase, w, dictionary, y []float32) (trace []point, end []float32, err error) {
	net, err := sparsecoding.LoadFed(ctx, exec, train.Config{
		Model: sparsecoding.Tied(d.Dim, d.Atoms, p.bias), Batch: d.Samples, Optimizer: sparsecoding.NormalisedDescent(d.Zeta, d.Dim),
	})
	if err != nil {
		return nil, nil, err
	}
	defer net.Close()
	if err := errors.Join(net.Feed(y), net.SetWeights(0, w)); err != nil {
		return nil, nil, err
	}
	for range p.steps {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		p := point{distance2: sparsecoding.Distance2(w, dictionary, d.Atoms)}
		if p.loss, err = net.Step(); err != nil {
			return nil, nil, err
		}
		if w, err = net.Weights(); err != nil {
			return nil, nil, err
		}
		trace = append(trace, p)
	}
	return trace, w, nil
}
