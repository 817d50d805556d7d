package train

import (
	"fmt"

	"autoamp/datasets"
	"autoamp/graph"
)

// Programs is a Config compiled: the model, one step of its training, one batch of its
// evaluation. The two share their weights by name.
type Programs struct {
	Model    *graph.Model
	Train    *graph.Program
	Evaluate *graph.Program
}

// Compile builds the programs of a Config.
func Compile(c Config) (*Programs, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	if c.alternating() {
		return compileGDMin(c)
	}
	model, err := graph.New(c.graph())
	if err != nil {
		return nil, fmt.Errorf("train: model: %w", err)
	}
	update := c.update()
	step, err := model.Compile(graph.Options{
		Sample: &graph.Sample{Law: c.Data.Name, Stream: datasets.Training}, Update: &update,
	})
	if err != nil {
		return nil, fmt.Errorf("train: training program: %w", err)
	}
	evaluate, err := model.Compile(graph.Options{
		Sample: &graph.Sample{Law: c.Data.Name, Stream: datasets.Evaluation},
	})
	if err != nil {
		return nil, fmt.Errorf("train: evaluation program: %w", err)
	}
	return &Programs{Model: model, Train: step, Evaluate: evaluate}, nil
}

// graph is the model of a resolved Config for package graph.
func (c Config) graph() graph.Config {
	m := c.Model
	g := graph.Config{
		Model: m.Name, Batch: c.Batch, Dim: m.Dim, Code: m.Code(), Tau: m.Tau, Encoder: m.Encoder, Tied: m.Tied,
		Denoiser: m.family(), Iterations: m.Iterations, Init: m.Init,
		Width: m.Width, Depth: m.Depth, Activation: graph.Activation(m.Activation),
	}
	if m.Init == initStateEvolution {
		g.Init = "haar"
	}
	return g
}

// The order in which a Runner is given the programs.
const (
	trainProgram    = 0
	evaluateProgram = 1
)
