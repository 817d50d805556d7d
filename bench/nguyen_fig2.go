package bench

import (
	"context"
	"fmt"
	"math"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train"
)

// The initialisations of Figures 2 and 3 of Nguyen et al.
const (
	Perturbed = "perturbed" // W = A + δE, the entries of E normal with standard deviation 1/√d
	Principal = "principal" // the first m left singular vectors of the data
	Random    = "random"    // random unit columns
)

// NguyenInits lists the initialisations.
func NguyenInits() []string { return []string{Perturbed, Principal, Random} }

// Descent is a run of the experiment of Nguyen et al., section 6: normalised gradient descent of a ReLU autoencoder on a mixture
// of Gaussians, on all samples in every iteration, with a bias that is halved in each.
type Descent struct {
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

// DescentRow is the state before an iteration.
type DescentRow struct {
	Descent
	Iteration int
	// Loss is L = ½E‖y − ŷ‖²; its floor is the energy of the noise, ½dσ².
	Loss float64
	// Distance is ‖W − A‖_F after the best matching of the columns.
	Distance float64
}

func (d Descent) withDefaults() Descent {
	orElse(&d.Dim, 784)
	orElse(&d.Atoms, 10)
	orElse(&d.Samples, 10000)
	orElse(&d.Iterations, 50)
	orElse(&d.Delta, 0.5)
	orElse(&d.Zeta, float64(d.Atoms))
	return d
}

// NguyenDescent runs the experiment and returns a row for every iteration, and one for the end.
//
// Source: Nguyen, Wong, Hegde 2019, section 6, Figures 2 and 3.
func NguyenDescent(ctx context.Context, exec graph.Executor, d Descent) ([]DescentRow, error) {
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
	t, err := loadTied(exec, graph.Config{
		Batch: d.Samples, Dim: d.Dim, Code: d.Atoms, Bias: "decayed", BiasStart: -2.5 * d.Delta, BiasFactor: 0.5,
	}, tiedStep{Update: normalised, Zeta: d.Zeta})
	if err != nil {
		return nil, err
	}
	defer t.Close()
	if err := t.Write("x", 0, y); err != nil {
		return nil, err
	}
	trace, err := t.descend(ctx, w, dictionary, d.Iterations)
	var rows []DescentRow
	for i, p := range trace {
		rows = append(rows, DescentRow{d, i, p.loss, math.Sqrt(p.distance2)})
	}
	return rows, err
}

// start is W at the beginning.
func (d Descent) start(dictionary, y []float32) ([]float32, error) {
	switch d.Init {
	case Perturbed:
		return train.Perturb(dictionary, d.Dim, d.Delta, d.Seed), nil
	case Principal:
		return train.Principal(y, d.Atoms, d.Dim)
	case Random:
		return unitRows(d.Atoms, d.Dim, d.Seed, randomStart), nil
	}
	return nil, fmt.Errorf("bench: init = %q: must be one of %v", d.Init, NguyenInits())
}

// point is the state before an iteration.
type point struct{ loss, distance2 float64 }

// descend writes W and runs iterations, and returns the state before each and at the end.
func (t *tied) descend(ctx context.Context, w, dictionary []float32, iterations int) (trace []point, err error) {
	if err := t.Write(graph.EncoderWeight, 0, w); err != nil {
		return nil, err
	}
	rows := len(w) / t.dim
	for range iterations + 1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := point{distance2: distance2(w, dictionary, rows)}
		if p.loss, err = t.step(); err != nil {
			return nil, err
		}
		if w, err = t.read(graph.EncoderWeight); err != nil {
			return nil, err
		}
		trace = append(trace, p)
	}
	return trace, nil
}
