package train

import (
	"context"
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

// Compile builds the programs of a Config. A data set is opened for the number of its rows.
func Compile(c Config) (*Programs, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	data, err := openData(context.Background(), c, nil)
	if err != nil {
		return nil, err
	}
	defer data.close()
	return compile(c, data)
}

// compile builds the programs of a resolved Config. Without the data set that it has, the caller
// writes the input "x".
func compile(c Config, data *dataSet) (*Programs, error) {
	if c.alternating() {
		return compileGDMin(c)
	}
	model, err := graph.New(c.graph())
	if err != nil {
		return nil, fmt.Errorf("train: model: %w", err)
	}
	update, o := c.update(), c.draw(data, datasets.Training)
	o.Update = &update
	step, err := model.Compile(o)
	if err != nil {
		return nil, fmt.Errorf("train: training program: %w", err)
	}
	evaluate, err := model.Compile(c.draw(data, datasets.Evaluation))
	if err != nil {
		return nil, fmt.Errorf("train: evaluation program: %w", err)
	}
	return &Programs{Model: model, Train: step, Evaluate: evaluate}, nil
}

// draw says where the batches of a stream come from. Held-out rows are taken in order.
func (c Config) draw(data *dataSet, stream uint32) graph.Options {
	switch {
	case c.Data.isDictionary():
		return graph.Options{Generate: c.Data.generate(stream)}
	case !c.Data.isSet():
		return graph.Options{Sample: &graph.Sample{Law: c.Data.Name, Stream: stream}}
	case data == nil:
		return graph.Options{}
	case stream == datasets.Evaluation:
		return graph.Options{Gather: &graph.Gather{Data: testData, Rows: data.held(c), Stream: stream, InOrder: true}}
	}
	return graph.Options{Gather: &graph.Gather{Data: trainingData, Rows: min(data.training.Len(), c.Data.Window), Stream: stream}}
}

// graph is the model of a resolved Config for package graph.
func (c Config) graph() graph.Config {
	m := c.Model
	g := graph.Config{
		Model: m.Name, Batch: c.Batch, Dim: m.Dim, Code: m.Code(), Tau: m.Tau, Encoder: m.Encoder, Tied: m.Tied,
		Denoiser: m.family(), Iterations: m.Iterations, Init: m.Init,
		Width: m.Width, Depth: m.Depth, Activation: graph.Activation(m.Activation),
	}
	if m.Init == initStateEvolution || m.Name == tiedModel {
		g.Init = "haar"
	}
	g.Lambda, g.Bias, g.BiasStart, g.BiasFactor, g.Proxy, g.Mirrored = m.Lambda, m.Bias, m.BiasStart, m.BiasFactor, m.Proxy, m.Mirrored
	return g
}

// The order in which a Runner is given the programs.
const (
	trainProgram    = 0
	evaluateProgram = 1
)
