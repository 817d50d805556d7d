package bench

import (
	"context"
	"errors"
	"fmt"
	"math"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
	"autoamp/train"
)

// tied is a weight-tied autoencoder on an executor. Rows of its matrices are the columns of those of the papers: W is
// (n, d) here, the dictionary (m, d).
type tied struct {
	graph.Runner
	program *graph.Program
	dim     int
	next    uint64
}

// tiedStep is how a tied autoencoder is stepped.
type tiedStep struct {
	Update graph.Update
	// Zeta is the step size ζ on the papers' loss L = ½E‖y − ŷ‖², the learning rate for RMSProp.
	Zeta float64
	// Source, if not nil, is what every step draws a fresh batch from; else the input "x" is written.
	Source *datasets.Bilinear
}

// loadTied compiles a tied autoencoder and loads it. Weights are as the model starts them in no random state: the caller
// writes them.
func loadTied(exec graph.Executor, c graph.Config, s tiedStep) (*tied, error) {
	c.Model = "tied"
	model, err := graph.New(c)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	options, seed := graph.Options{Update: &s.Update}, uint64(0)
	if s.Source != nil {
		options.Generate, seed = s.generate(), s.Source.Seed
	}
	program, err := model.Compile(options)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	rate := s.Zeta
	if s.Update.Rule != graph.RMSProp {
		rate *= float64(c.Dim) / 2 // the loss of a program is per coordinate: 2L/d
	}
	runner, err := exec.Load([]graph.Replica{{Seed: seed, LearningRate: rate}}, program)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	t := &tied{Runner: runner, program: program, dim: c.Dim}
	for _, p := range model.Params {
		if p.Init.Kind == "values" {
			err = errors.Join(err, t.Write(p.Name, 0, p.Init.Values))
		}
	}
	if s.Source != nil {
		err = errors.Join(err, t.Write(graph.DictionaryWeight, 0, s.Source.Dictionary))
	}
	if err != nil {
		t.Close()
		return nil, fmt.Errorf("bench: %w", err)
	}
	return t, nil
}

// generate is the source as an instruction.
func (s tiedStep) generate() *graph.Generate {
	law := s.Source.Law
	return &graph.Generate{
		Atoms: s.Source.Atoms, Support: law.Support, Lo: law.Lo, Hi: law.Hi, Signed: law.Signed, Noise: s.Source.Noise,
		Stream: s.Source.Stream, CodeStream: datasets.CodeStream(s.Source.Stream),
	}
}

// step does one update and returns the loss L = ½·mean‖y − ŷ‖² before it.
func (t *tied) step() (float64, error) {
	loss := make([]float64, 1)
	err := t.Run(0, t.next, 1, loss)
	t.next++
	return loss[0] * float64(t.dim) / 2, err
}

// read returns a tensor.
func (t *tied) read(name string) ([]float32, error) {
	for _, b := range t.program.Tensors() {
		if b.Name == name {
			out := make([]float32, b.Size())
			return out, t.Read(name, 0, out)
		}
	}
	return nil, fmt.Errorf("bench: no tensor %q", name)
}

// plainGradient is the update whose momentum buffer is the gradient.
var plainGradient = graph.Update{Rule: graph.Momentum, Schedule: graph.Schedule{Shape: graph.Constant}}

// normalised is W ← normalise(W − ζg).
var normalised = graph.Update{Rule: graph.Normalised, Schedule: graph.Schedule{Shape: graph.Constant}}

// meanGradient returns the loss L and the gradient of L with respect to W, (n, d), both averaged over batches.
func (t *tied) meanGradient(ctx context.Context, w []float32, batches int) (loss float64, gradient []float64, err error) {
	if err := t.Write(graph.EncoderWeight, 0, w); err != nil {
		return 0, nil, err
	}
	gradient = make([]float64, len(w))
	for range batches {
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
		l, err := t.step()
		if err != nil {
			return 0, nil, err
		}
		g, err := t.read(graph.EncoderWeight + ".momentum_buffer")
		if err != nil {
			return 0, nil, err
		}
		loss += l / float64(batches)
		for i, v := range g {
			gradient[i] += float64(v) * float64(t.dim) / 2 / float64(batches)
		}
	}
	return loss, gradient, nil
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

// unitRows returns random rows on the unit sphere, a function of the seed and of what they are for.
func unitRows(rows, cols int, seed, purpose uint64) []float32 {
	w := make([]float32, rows*cols)
	kernels.Normal(w, 0, 1, kernels.Stream{Seed: seed, Stream: datasets.Initialisation, Step: purpose})
	kernels.RowNormalize(w, make([]float32, rows), w, rows, cols)
	return w
}

// near returns W at distance about δ from a dictionary: A + δ·(random unit rows), normalised.
func near(dictionary []float32, atoms int, delta float64, seed uint64) []float32 {
	cols := len(dictionary) / atoms
	w := moved(dictionary, delta, unitRows(atoms, cols, seed, displacement))
	kernels.RowNormalize(w, make([]float32, atoms), w, atoms, cols)
	return w
}

// What random directions are drawn for.
const (
	displacement uint64 = iota
	randomStart
)

// moved returns a + t·b.
func moved(a []float32, t float64, b []float32) []float32 {
	out := append([]float32(nil), a...)
	kernels.Axpy(out, b, float32(t))
	return out
}

// distance2 is ‖W − A‖² after the best matching of the rows of W with those of A, of which there are as many.
func distance2(w, a []float32, rows int) float64 {
	cols := len(w) / rows
	cost := make([]float64, rows*rows)
	for i := range rows {
		for j := range rows {
			cost[i*rows+j] = kernels.SquaredError(w[i*cols:(i+1)*cols], a[j*cols:(j+1)*cols])
		}
	}
	var sum float64
	for i, j := range train.Assign(cost, rows, rows) {
		sum += cost[i*rows+j]
	}
	return sum
}
