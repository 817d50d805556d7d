package sparsecoding

import (
	"context"
	"fmt"

	"autoamp/graph"
	"autoamp/train"
	"autoamp/train/config"
)

// Autoencoder is train's Stepper of the model tied, with the papers' loss L = ½E‖y − ŷ‖². Rows of its matrices are the columns
// of the papers' matrices: W is (n, d) here, the dictionary (m, d).
type Autoencoder struct {
	stepper *train.Stepper
	batch   int
	dim     int
}

// Tied is the model tied of units units on data of dim numbers.
func Tied(dim, units int, more train.TiedConfig) train.ModelConfig {
	return train.ModelConfig{Name: config.TiedModel, Dim: dim, Rate: float64(units) / float64(dim), TiedConfig: more}
}

// NormalisedDescent is the update W ← normalise(W − ζg) with the gradient g of L.
func NormalisedDescent(zeta float64, dim int) train.OptimizerConfig {
	return train.OptimizerConfig{Name: string(graph.Normalised), LearningRate: config.RateOnHalfSquare(zeta, dim)}
}

// PlainGradient is the update that MeanGradient needs.
func PlainGradient() train.OptimizerConfig { return train.OptimizerConfig{Name: "sgd"} }

// Load returns an Autoencoder of c, one replica of the model tied, that draws its batches from the dictionary model c.Data. The
// dictionary, (m, d), is written over that of c.Data.Dictionary: seed 0 has a dictionary too, and a Config takes a zero for the
// default. The learning rate is constant. The caller writes W, and closes the Autoencoder.
func Load(ctx context.Context, exec graph.Executor, c train.Config, dictionary []float32) (*Autoencoder, error) {
	c.Schedule.Shape = string(graph.Constant)
	stepper, err := train.NewStepper(ctx, exec, c)
	if err != nil {
		return nil, fmt.Errorf("sparsecoding: %w", err)
	}
	if err := stepper.Write(graph.DictionaryWeight, 0, dictionary); err != nil {
		stepper.Close()
		return nil, fmt.Errorf("sparsecoding: %w", err)
	}
	return autoencoder(stepper, c), nil
}

// LoadFed is Load for batches that the caller feeds; c.Data is left out.
func LoadFed(ctx context.Context, exec graph.Executor, c train.Config) (*Autoencoder, error) {
	c.Schedule.Shape = string(graph.Constant)
	stepper, err := train.NewFedStepper(ctx, exec, c)
	if err != nil {
		return nil, fmt.Errorf("sparsecoding: %w", err)
	}
	return autoencoder(stepper, c), nil
}

func autoencoder(stepper *train.Stepper, c train.Config) *Autoencoder {
	c = c.WithDefaults()
	return &Autoencoder{stepper, c.Batch, c.Model.Dim}
}

// Close releases the executor's memory.
func (a *Autoencoder) Close() error { return a.stepper.Close() }

// Feed writes the batch of the next steps, (batch, d).
func (a *Autoencoder) Feed(y []float32) error { return a.stepper.Feed(0, y) }

// Step does one update and returns the loss L before it.
func (a *Autoencoder) Step() (float64, error) {
	losses, err := a.stepper.Step()
	return losses[0] * float64(a.dim) / 2, err
}

// Rewind makes the next step the first one, which draws the same samples again.
func (a *Autoencoder) Rewind() { a.stepper.Rewind() }

// Weights returns a copy of W of the first layer, (n, d).
func (a *Autoencoder) Weights() ([]float32, error) { return a.stepper.Tensor(graph.EncoderWeight, 0) }

// SetWeights writes W of a layer, counted from 0.
func (a *Autoencoder) SetWeights(layer int, w []float32) error {
	return a.stepper.Write(graph.LayerName(layer, graph.EncoderWeight), 0, w)
}

// MeanGradient returns the loss L and the gradient of L with respect to W, (n, d), both averaged over batches. It needs
// PlainGradient and biases that are fixed.
func (a *Autoencoder) MeanGradient(ctx context.Context, w []float32, batches int) (loss float64, gradient []float64, err error) {
	gradient = make([]float64, len(w))
	for range batches {
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
		l, g, err := a.gradient(w)
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

// gradient is L, and the gradient of 2L/d, at W on the next batch. The step moves W, so every call writes it.
func (a *Autoencoder) gradient(w []float32) (loss float64, g []float32, err error) {
	if err := a.SetWeights(0, w); err != nil {
		return 0, nil, err
	}
	if loss, err = a.Step(); err != nil {
		return 0, nil, err
	}
	g, err = a.stepper.Gradient(graph.EncoderWeight, 0)
	return loss, g, err
}

// Reconstruct returns the outputs ŷ for the rows of y, as many numbers as y has. It needs LoadFed.
func (a *Autoencoder) Reconstruct(y []float32) ([]float32, error) {
	out, block := make([]float32, len(y)), make([]float32, a.batch*a.dim)
	for at := 0; at < len(y); at += len(block) {
		clear(block[copy(block, y[at:]):])
		if err := a.Feed(block); err != nil {
			return nil, err
		}
		if _, err := a.stepper.Evaluate(0); err != nil {
			return nil, err
		}
		if err := a.stepper.Read(graph.Output, 0, block); err != nil {
			return nil, err
		}
		copy(out[at:], block)
	}
	return out, nil
}
