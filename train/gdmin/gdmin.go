package gdmin

import (
	"errors"
	"fmt"
	"math"
	"runtime"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
	"autoamp/train/config"
	"autoamp/train/matrix"
)

// Alternating minimisation, eq. (6) of ICML 2024 and Theorem 4.1:
//
//	A_t     = argmin_A F(A, B_t)                       objective.fit
//	B′      = B_t − η·(∇F(A_t, B_t) + G_t)             objective.gradient, tangent to the rows' spheres
//	B_{t+1} = B′ with rows of unit length
//
// with F = d·(MSE − 1), in float64. Between steps B is rounded to float32, because checkpoints hold float32: a resumed run
// has the same bits. The decoder is a function of B and of the step, and is never read back.

// objective is F on the data of a step: masks or samples, functions of seed and step.
type objective interface {
	// fit returns the optimal decoder (d, n) of unit rows b (n, d) on the data of a step, and its MSE on the same data.
	// Unless these data are the whole population, this MSE is lower than the MSE on other data.
	fit(b *mat.Dense, step uint64) (a *mat.Dense, mse float64, err error)
	// gradient returns the tangent gradient (n, d) of F in b at the last fit.
	gradient(b, a *mat.Dense) *mat.Dense
	// test returns MSEs on count pieces of fresh data, or one value if it is exact.
	test(b, a *mat.Dense, first uint64, count int) []float64
}

// Replicas are the models of a run. They share the run's configuration and nothing else.
type Replicas struct {
	config config.Config
	models []*replica
	step   uint64 // updates done, which decides the data of the next fit
}

// replica is one of them.
type replica struct {
	graph.Replica
	rows      *mat.Dense // (n, d), as in a checkpoint: float32 values, rows not exactly of unit length
	objective objective

	b, a *mat.Dense // unit rows and their decoder; b is nil where rows have changed
	mse  float64    // of the fit
}

// New makes the replicas of a resolved configuration. Their encoders are zero: Start or Write sets them.
func New(c config.Config) (*Replicas, error) {
	r := &Replicas{config: c}
	n, d := c.Model.Code(), c.Model.Dim
	for _, rep := range c.Replicas() {
		m := &replica{Replica: rep, rows: mat.NewDense(n, d, nil)}
		switch c.GDMin.Objective {
		case config.Samples:
			law, err := sampleLaw(c, rep)
			if err != nil {
				return nil, err
			}
			m.objective = newSampleObjective(c, law, rep.Seed)
		case config.Population:
			m.objective = newMaskObjective(c, rep)
		default:
			return nil, fmt.Errorf("train: gd-min: objective %q is not known", c.GDMin.Objective)
		}
		r.models = append(r.models, m)
	}
	return r, nil
}

// Device names the processor that computes.
func (r *Replicas) Device() string {
	return fmt.Sprintf("cpu: %d threads, float64 (gonum)", runtime.GOMAXPROCS(0))
}

// Start draws every encoder from its seed, with entries N(0, 1/d), as runs of the shallow model with an optimizer start.
func (r *Replicas) Start() {
	for _, m := range r.models {
		m.setRows(startOf(r.config, m.Seed))
	}
}

// startOf is the initial encoder (n, d) of a seed.
func startOf(c config.Config, seed uint64) []float32 {
	values := make([]float32, c.Model.Code()*c.Model.Dim)
	std := float32(1 / math.Sqrt(float64(c.Model.Dim)))
	kernels.Normal(values, 0, std, kernels.Stream{Seed: seed, Stream: datasets.Initialisation})
	return values
}

// Seek tells the replicas the number of updates behind the encoders that were written.
func (r *Replicas) Seek(step uint64) { r.step = step }

// Train does steps first, first+1, … and writes the MSE before each step to losses (steps, replicas).
func (r *Replicas) Train(first uint64, steps int, losses []float64) error {
	for s := range steps {
		r.step = first + uint64(s)
		for i, m := range r.models {
			loss, err := r.update(i, m)
			if err != nil {
				return err
			}
			losses[s*len(r.models)+i] = loss
		}
		r.step++
	}
	return nil
}

// Evaluate writes the MSE of the current weights on the batches first, first+1, … of fresh data to losses (batches,
// replicas).
func (r *Replicas) Evaluate(first uint64, batches int, losses []float64) error {
	for i, m := range r.models {
		if err := r.fit(i, m); err != nil {
			return err
		}
		values := m.objective.test(m.b, m.a, first, batches)
		for k := range batches {
			losses[k*len(r.models)+i] = values[min(k, len(values)-1)]
		}
	}
	return nil
}

// fit makes sure that a model has its decoder.
func (r *Replicas) fit(number int, m *replica) error {
	if m.b != nil {
		return nil
	}
	b := matrix.UnitRows(m.rows)
	a, mse, err := m.objective.fit(b, r.step)
	if errors.Is(err, amp.ErrSingular) {
		return &SingularError{
			Step: r.step, Replica: number, Seed: m.Seed, P: m.P, Objective: r.config.GDMin.Objective, Err: err,
		}
	}
	if err != nil {
		return err
	}
	if math.IsNaN(mse) || math.IsInf(mse, 0) {
		return &graph.NonFiniteError{Step: r.step, Replica: number, Tensor: graph.DecoderWeight}
	}
	m.b, m.a, m.mse = b, a, mse
	return nil
}

// update takes one step and returns the MSE before it.
func (r *Replicas) update(number int, m *replica) (float64, error) {
	if err := r.fit(number, m); err != nil {
		return 0, err
	}
	g := m.objective.gradient(m.b, m.a)
	r.smooth(g, m.Seed)
	n, _ := g.Dims()
	for i := range n {
		row := m.rows.RawRowView(i)
		floats.AddScaledTo(row, m.b.RawRowView(i), -r.config.GDMin.StepSize, g.RawRowView(i))
		if norm := floats.Norm(row, 2); norm > 0 && !math.IsInf(norm, 0) {
			floats.Scale(1/norm, row)
		} else {
			return 0, &graph.NonFiniteError{Step: r.step, Replica: number, Tensor: graph.EncoderWeight}
		}
		for j, v := range row {
			row[j] = float64(float32(v))
		}
	}
	m.b = nil
	return m.mse, nil
}

// smooth adds the noise G_t of a step.
func (r *Replicas) smooth(g *mat.Dense, seed uint64) {
	if r.config.GDMin.Smoothing == 0 {
		return
	}
	n, d := g.Dims()
	noise := make([]float32, n*d)
	kernels.Normal(noise, 0, float32(r.config.GDMin.Smoothing), kernels.Stream{Seed: seed, Stream: smoothingStream, Step: r.step})
	for i := range n {
		for j, v := range noise[i*d : (i+1)*d] {
			g.RawRowView(i)[j] += float64(v)
		}
	}
}

// smoothingStream is a stream of random numbers that package datasets does not use.
const smoothingStream = 64

// Read copies the encoder B or the decoder of the current B.
func (r *Replicas) Read(name string, number int, dst []float32) error {
	m := r.models[number]
	src := m.rows
	if name == graph.DecoderWeight {
		if err := r.fit(number, m); err != nil {
			return err
		}
		src = m.a
	}
	for i, v := range src.RawMatrix().Data {
		dst[i] = float32(v)
	}
	return nil
}

// Write replaces B. Decoders follow from it.
func (r *Replicas) Write(name string, number int, src []float32) error {
	if name == graph.EncoderWeight {
		r.models[number].setRows(src)
	}
	return nil
}

// setRows replaces B.
func (m *replica) setRows(values []float32) {
	for i, v := range values {
		m.rows.RawMatrix().Data[i] = float64(v)
	}
	m.b = nil
}

// Close has nothing to give back.
func (r *Replicas) Close() error { return nil }
