package train

import (
	"errors"
	"fmt"
	"math"
	"runtime"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
	"autoamp/graph"
	"autoamp/kernels"
)

// Alternating minimisation, eq. (6) of ICML 2024 and Theorem 4.1:
//
//	A_t     = argmin_A F(A, B_t)                       gdminObjective.fit
//	B′      = B_t − η·(∇F(A_t, B_t) + G_t)             gdminObjective.gradient, tangent to the rows' spheres
//	B_{t+1} = B′ with rows of unit length
//
// with F = d·(MSE − 1). It runs in float64 behind graph.Runner, so that rows of metrics, checkpoints, resume and summary
// are those of every other run. Between steps B is rounded to float32, which is what checkpoints hold: a resumed run has
// the same bits. The decoder is a function of B and of the step, and is never read back.

// gdminObjective is F on the data of a step: masks or samples, functions of seed and step.
type gdminObjective interface {
	// fit returns the optimal decoder (d, n) of unit rows b (n, d) on the data of a step, and its MSE on the same data,
	// where they are not the whole population lower than on other data.
	fit(b *mat.Dense, step uint64) (a *mat.Dense, mse float64, err error)
	// gradient returns the tangent gradient (n, d) of F in b at the last fit.
	gradient(b, a *mat.Dense) *mat.Dense
	// test returns MSEs on count pieces of fresh data, or one value if it is exact.
	test(b, a *mat.Dense, first uint64, count int) []float64
}

// gdminExecutor makes gdminRunners.
type gdminExecutor struct{ config Config }

// Device says what computes.
func (gdminExecutor) Device() string {
	return fmt.Sprintf("cpu: %d threads, float64 (gonum)", runtime.GOMAXPROCS(0))
}

// Load ignores the programs.
func (e gdminExecutor) Load(replicas []graph.Replica, _ ...*graph.Program) (graph.Runner, error) {
	r := &gdminRunner{config: e.config}
	n, d := e.config.Model.Code(), e.config.Model.Dim
	for _, rep := range replicas {
		m := &gdminModel{replica: rep, rows: mat.NewDense(n, d, nil)}
		if e.config.GDMin.Objective == Samples {
			law, err := sampleLaw(e.config, rep)
			if err != nil {
				return nil, err
			}
			m.objective = newSampleObjective(e.config, law, rep.Seed)
		} else {
			m.objective = newMaskObjective(e.config, rep)
		}
		r.models = append(r.models, m)
	}
	return r, nil
}

// gdminRunner is the replicas at work.
type gdminRunner struct {
	config Config
	models []*gdminModel
	step   uint64 // updates done, which decides the data of the next fit
}

// gdminModel is one replica.
type gdminModel struct {
	replica   graph.Replica
	rows      *mat.Dense // (n, d), what a checkpoint holds: float32 values, rows not exactly of unit length
	objective gdminObjective

	b, a *mat.Dense // unit rows and their decoder; b is nil where rows have changed
	mse  float64    // of the fit
}

// seek tells the runner how many updates its weights have seen.
func (r *gdminRunner) seek(step uint64) { r.step = step }

// Run takes steps, or evaluates the current weights.
func (r *gdminRunner) Run(program int, first uint64, steps int, losses []float64) error {
	if program == evaluateProgram {
		return r.evaluate(first, steps, losses)
	}
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

func (r *gdminRunner) evaluate(first uint64, batches int, losses []float64) error {
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
func (r *gdminRunner) fit(replica int, m *gdminModel) error {
	if m.b != nil {
		return nil
	}
	b := unitRows(m.rows)
	a, mse, err := m.objective.fit(b, r.step)
	if errors.Is(err, amp.ErrSingular) {
		return &SingularError{
			Step: r.step, Replica: replica, Seed: m.replica.Seed, P: m.replica.P, Objective: r.config.GDMin.Objective, Err: err,
		}
	}
	if err != nil {
		return err
	}
	if math.IsNaN(mse) || math.IsInf(mse, 0) {
		return &graph.NonFiniteError{Step: r.step, Replica: replica, Tensor: graph.DecoderWeight}
	}
	m.b, m.a, m.mse = b, a, mse
	return nil
}

// update takes one step and returns the MSE before it.
func (r *gdminRunner) update(replica int, m *gdminModel) (float64, error) {
	if err := r.fit(replica, m); err != nil {
		return 0, err
	}
	g := m.objective.gradient(m.b, m.a)
	r.smooth(g, m.replica.Seed)
	n, _ := g.Dims()
	for i := range n {
		row := m.rows.RawRowView(i)
		floats.AddScaledTo(row, m.b.RawRowView(i), -r.config.GDMin.StepSize, g.RawRowView(i))
		if norm := floats.Norm(row, 2); norm > 0 && !math.IsInf(norm, 0) {
			floats.Scale(1/norm, row)
		} else {
			return 0, &graph.NonFiniteError{Step: r.step, Replica: replica, Tensor: graph.EncoderWeight}
		}
		for j, v := range row {
			row[j] = float64(float32(v))
		}
	}
	m.b = nil
	return m.mse, nil
}

// smooth adds the noise G_t of a step.
func (r *gdminRunner) smooth(g *mat.Dense, seed uint64) {
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

// smoothingStream is a stream of random numbers beside those of datasets.
const smoothingStream = 64

// Read copies B, or the decoder of the current B.
func (r *gdminRunner) Read(name string, replica int, dst []float32) error {
	m := r.models[replica]
	src := m.rows
	if name == graph.DecoderWeight {
		if err := r.fit(replica, m); err != nil {
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
func (r *gdminRunner) Write(name string, replica int, src []float32) error {
	if name != graph.EncoderWeight {
		return nil
	}
	m := r.models[replica]
	for i, v := range src {
		m.rows.RawMatrix().Data[i] = float64(v)
	}
	m.b = nil
	return nil
}

// Close has nothing to give back.
func (r *gdminRunner) Close() error { return nil }

// compileGDMin describes the tensors of a run; its programs are not run.
func compileGDMin(c Config) (*Programs, error) {
	model, err := graph.New(graph.Config{Model: "shallow", Batch: 1, Dim: c.Model.Dim, Code: c.Model.Code()})
	if err != nil {
		return nil, fmt.Errorf("train: model: %w", err)
	}
	program, err := model.Compile(graph.Options{
		Sample: &graph.Sample{Law: c.Data.Name}, Update: &graph.Update{Rule: graph.Momentum, Schedule: graph.Schedule{Shape: graph.Constant}},
	})
	if err != nil {
		return nil, fmt.Errorf("train: program: %w", err)
	}
	return &Programs{Model: model, Train: program, Evaluate: program}, nil
}
