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
	model, err := graph.New(graph.Config{
		Model: c.Model.Name, Batch: c.Batch, Dim: c.Model.Dim, Code: c.Model.Code(), Tau: c.Model.Tau,
		Encoder: c.Model.Encoder, Tied: c.Model.Tied, Denoiser: graph.Family(c.Model.Denoiser),
	})
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

// The order in which a Runner is given the programs.
const (
	trainProgram    = 0
	evaluateProgram = 1
)
