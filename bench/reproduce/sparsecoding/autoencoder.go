package sparsecoding

import (
	"context"
	"errors"
	"fmt"

	"autoamp/datasets"
	"autoamp/graph"
)

// Autoencoder is a compiled training step of graph's model tied, loaded on an executor. Rows of its matrices are the columns
// of the papers' matrices: W is (n, d) here, the dictionary (m, d).
type Autoencoder struct {
	graph.Runner
	program *graph.Program
	batch   int
	dim     int
	next    uint64
}

// Training says how an Autoencoder is stepped.
type Training struct {
	Update graph.Update
	// Zeta is the step size ζ on the papers' loss L = ½E‖y − ŷ‖², or the learning rate where Update.Rule is RMSProp.
	Zeta float64
	// Source, if not nil, is the data model from which every step draws a fresh batch. Else the caller writes the input "x".
	Source *datasets.Bilinear
	// Forward loads the forward pass as well, which Reconstruct runs. It needs Source = nil.
	Forward bool
}

// PlainGradient is the update whose momentum buffer is the gradient.
func PlainGradient() graph.Update {
	return graph.Update{Rule: graph.Momentum, Schedule: graph.Schedule{Shape: graph.Constant}}
}

// NormalisedDescent is the update W ← normalise(W − ζg).
func NormalisedDescent() graph.Update {
	return graph.Update{Rule: graph.Normalised, Schedule: graph.Schedule{Shape: graph.Constant}}
}

// The programs of an Autoencoder.
const (
	stepProgram    = 0
	forwardProgram = 1
)

// Load compiles the model tied of c, whatever c.Model is, and loads it. It writes the biases, which
// start from constants, and the dictionary of the source. The caller writes the weights.
func Load(exec graph.Executor, c graph.Config, t Training) (*Autoencoder, error) {
	c.Model = "tied"
	model, err := graph.New(c)
	if err != nil {
		return nil, fmt.Errorf("sparsecoding: %w", err)
	}
	programs, err := t.compile(model)
	if err != nil {
		return nil, fmt.Errorf("sparsecoding: %w", err)
	}
	runner, err := exec.Load([]graph.Replica{t.replica(c.Dim)}, programs...)
	if err != nil {
		return nil, fmt.Errorf("sparsecoding: %w", err)
	}
	a := &Autoencoder{Runner: runner, program: programs[stepProgram], batch: c.Batch, dim: c.Dim}
	if err := a.start(model, t.Source); err != nil {
		a.Close()
		return nil, fmt.Errorf("sparsecoding: %w", err)
	}
	return a, nil
}

// compile makes the programs.
func (t Training) compile(model *graph.Model) ([]*graph.Program, error) {
	options := graph.Options{Update: &t.Update}
	if t.Source != nil {
		options.Generate = t.generate()
	}
	step, err := model.Compile(options)
	if err != nil || !t.Forward {
		return []*graph.Program{step}, err
	}
	forward, err := model.Compile(graph.Options{Keep: []string{graph.Output}})
	return []*graph.Program{step, forward}, err
}

// generate is the source as an instruction.
func (t Training) generate() *graph.Generate {
	law := t.Source.Law
	return &graph.Generate{
		Atoms: t.Source.Atoms, Support: law.Support, Lo: law.Lo, Hi: law.Hi, Signed: law.Signed, Noise: t.Source.Noise,
		Stream: t.Source.Stream, CodeStream: datasets.CodeStream(t.Source.Stream),
	}
}

// replica has the learning rate on a program's loss, which is per coordinate: 2L/d.
func (t Training) replica(dim int) graph.Replica {
	r := graph.Replica{LearningRate: t.Zeta}
	if t.Update.Rule != graph.RMSProp {
		r.LearningRate *= float64(dim) / 2
	}
	if t.Source != nil {
		r.Seed = t.Source.Seed
	}
	return r
}

// start writes the parameters that start from constants, and the dictionary of the source.
func (a *Autoencoder) start(model *graph.Model, source *datasets.Bilinear) error {
	var errs []error
	for _, p := range model.Params {
		if p.Init.Kind == "values" {
			errs = append(errs, a.Write(p.Name, 0, p.Init.Values))
		}
	}
	if source != nil {
		errs = append(errs, a.Write(graph.DictionaryWeight, 0, source.Dictionary))
	}
	return errors.Join(errs...)
}

// Step does one update and returns the loss L = ½·mean‖y − ŷ‖² before it.
func (a *Autoencoder) Step() (float64, error) {
	loss := make([]float64, 1)
	err := a.Run(stepProgram, a.next, 1, loss)
	a.next++
	return loss[0] * float64(a.dim) / 2, err
}

// Rewind makes the next step the first one, which draws the same samples again.
func (a *Autoencoder) Rewind() { a.next = 0 }

// Tensor returns a copy of a tensor of the training step, row-major.
func (a *Autoencoder) Tensor(name string) ([]float32, error) {
	for _, b := range a.program.Tensors() {
		if b.Name == name {
			out := make([]float32, b.Size())
			return out, a.Read(name, 0, out)
		}
	}
	return nil, fmt.Errorf("sparsecoding: no tensor %q", name)
}

// MeanGradient returns the loss L and the gradient of L with respect to W, (n, d), both averaged over batches. It needs
// PlainGradient.
func (a *Autoencoder) MeanGradient(ctx context.Context, w []float32, batches int) (loss float64, gradient []float64, err error) {
	if err := a.Write(graph.EncoderWeight, 0, w); err != nil {
		return 0, nil, err
	}
	gradient = make([]float64, len(w))
	for range batches {
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
		l, err := a.Step()
		if err != nil {
			return 0, nil, err
		}
		g, err := a.Tensor(graph.EncoderWeight + ".momentum_buffer")
		if err != nil {
			return 0, nil, err
		}
		loss += l / float64(batches)
		for i, v := range g {
			gradient[i] += float64(v) * float64(a.dim) / 2 / float64(batches)
		}
	}
	return loss, gradient, nil
}

// Reconstruct returns the outputs ŷ for the rows of y, as many numbers as y has. It needs Training.Forward.
func (a *Autoencoder) Reconstruct(y []float32) ([]float32, error) {
	out, block := make([]float32, len(y)), make([]float32, a.batch*a.dim)
	loss := make([]float64, 1)
	for at := 0; at < len(y); at += len(block) {
		clear(block[copy(block, y[at:]):])
		if err := a.Write("x", 0, block); err != nil {
			return nil, err
		}
		if err := a.Run(forwardProgram, 0, 1, loss); err != nil {
			return nil, err
		}
		if err := a.Read(graph.Output, 0, block); err != nil {
			return nil, err
		}
		copy(out[at:], block)
	}
	return out, nil
}
