package train

import (
	"context"
	"errors"
	"fmt"

	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/program"
)

// Stepper is a Config compiled, loaded on an executor and set to step 0. It is for a caller that does the steps itself and
// looks at the tensors in between. Its n-th step is the n-th step of a Trainer of the same Config. A Stepper has no rows, no
// checkpoints and no theory.
type Stepper struct {
	descent descent
	next    uint64
}

// NewStepper returns a Stepper whose batches are drawn from c.Data, a law or a dictionary model. The caller closes it.
func NewStepper(ctx context.Context, executor graph.Executor, c Config) (*Stepper, error) {
	if c.Data.IsSet() {
		return nil, &ConfigError{Field: "data.name", Value: c.Data.Name, Allowed: "must be a law or a dictionary model: the caller feeds the rows of a data set"}
	}
	return newStepper(ctx, executor, c, Compile)
}

// NewFedStepper returns a Stepper whose batches the caller feeds; c.Data is left out. The caller closes it.
func NewFedStepper(ctx context.Context, executor graph.Executor, c Config) (*Stepper, error) {
	if c.Data.Name != "" {
		return nil, &ConfigError{Field: "data.name", Value: c.Data.Name, Allowed: "must be left out where the caller feeds the batches"}
	}
	if c.Model.Init == config.InitPrincipal || c.Model.Init == config.InitBest {
		return nil, &ConfigError{Field: "model.init", Value: c.Model.Init, Allowed: "needs data to draw, and here the caller feeds the batches"}
	}
	if c.Model.Init == "" && c.WithDefaults().Model.Init == config.InitBest { // which draws data too
		c.Model.Init = config.InitRandom
	}
	return newStepper(ctx, executor, c, compileFed)
}

// compileFed is Compile for batches that the caller feeds.
func compileFed(c Config) (*Programs, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c = c.WithDefaults(); c.Alternating() {
		return nil, runsNoProgram(c)
	}
	return program.CompileFed(c)
}

func newStepper(ctx context.Context, executor graph.Executor, c Config, compile func(Config) (*Programs, error)) (*Stepper, error) {
	if executor == nil {
		return nil, errors.New("train: no executor for a Stepper: give it, for example, kernels/cpu's")
	}
	programs, err := compile(c)
	if err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	d, err := begin(ctx, executor, programs, c.Replicas(), c)
	if err != nil {
		return nil, err
	}
	return &Stepper{descent: d}, nil
}

// Feed writes the next batch, (batch, dim), of one replica. It stays until the next Feed.
func (s *Stepper) Feed(replica int, batch []float32) error { return s.Write("x", replica, batch) }

// Step does one update and returns the loss of every replica before it.
func (s *Stepper) Step() ([]float64, error) {
	losses := make([]float64, len(s.descent.replicas))
	err := s.descent.Train(s.next, 1, losses)
	s.next++
	return losses, err
}

// Evaluate returns the loss of every replica on the evaluation batch with a number, or on the batch that the caller has fed.
// After the latter the reconstruction can be read, graph.Output.
func (s *Stepper) Evaluate(batch uint64) ([]float64, error) {
	losses := make([]float64, len(s.descent.replicas))
	err := s.descent.Evaluate(batch, 1, losses)
	return losses, err
}

// Rewind makes the next step the first one, with its batch and its learning rate. Weights and state stay.
func (s *Stepper) Rewind() { s.next = 0 }

// Continue takes over the weights, the optimizer's state and the step of another Stepper with the same tensors and replicas.
// A training whose settings change on the way, for example the surrogate's temperature, is a chain of Steppers.
func (s *Stepper) Continue(from *Stepper) error {
	for _, b := range s.descent.programs.Train.Tensors() {
		values := make([]float32, b.Size())
		for replica := range s.descent.replicas {
			if err := from.Read(b.Name, replica, values); err != nil {
				return fmt.Errorf("train: continue: %w", err)
			}
			if err := s.Write(b.Name, replica, values); err != nil {
				return fmt.Errorf("train: continue: %w", err)
			}
		}
	}
	s.next = from.next
	return nil
}

// Read copies a tensor of one replica, row-major.
func (s *Stepper) Read(name string, replica int, dst []float32) error {
	return s.descent.Read(name, replica, dst)
}

// Write replaces a tensor of one replica.
func (s *Stepper) Write(name string, replica int, src []float32) error {
	return s.descent.Write(name, replica, src)
}

// Tensor returns a copy of a weight, or of a tensor of the optimizer's state, of one replica.
func (s *Stepper) Tensor(name string, replica int) ([]float32, error) {
	for _, b := range s.descent.programs.Train.Tensors() {
		if b.Name == name {
			out := make([]float32, b.Size())
			return out, s.Read(name, replica, out)
		}
	}
	return nil, fmt.Errorf("train: no tensor %q", name)
}

// Gradient returns the gradient of a replica's loss in the last step with respect to a weight. It needs the optimizer sgd
// without momentum.
func (s *Stepper) Gradient(weight string, replica int) ([]float32, error) {
	return s.Tensor(program.Momentum(weight), replica)
}

// Close releases the executor's memory.
func (s *Stepper) Close() error { return s.descent.Close() }
