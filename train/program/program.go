package program

import (
	"fmt"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train/config"
)

// Programs is a Config compiled: the model, one step of its training, one batch of its
// evaluation. The two share their weights by name.
type Programs struct {
	Model    *graph.Model
	Train    *graph.Program
	Evaluate *graph.Program
}

// Rows are the rows of a data set that an executor has in its memory.
type Rows struct {
	Training, HeldOut int
}

// The names of a program's data sets.
const (
	TrainingData = "data.training"
	TestData     = "data.test"
)

// Compile builds the programs of a resolved configuration of the optimizer's steps. rows are the rows of its data set, nil
// for a law. If rows is nil for a data set, the caller writes the input "x".
func Compile(c config.Config, rows *Rows) (*Programs, error) {
	return compile(c, draw(c, rows, datasets.Training), draw(c, rows, datasets.Evaluation))
}

// CompileFed builds the programs of a resolved configuration whose batches, of training and of evaluation, the caller writes as
// the input "x". Evaluation leaves the reconstruction in graph.Output.
func CompileFed(c config.Config) (*Programs, error) {
	return compile(c, graph.Options{}, graph.Options{Keep: []string{graph.Output}})
}

// compile adds the optimizer's update to the options of training.
func compile(c config.Config, training, evaluation graph.Options) (*Programs, error) {
	model, err := Model(c)
	if err != nil {
		return nil, err
	}
	update := c.Update()
	training.Update = &update
	step, err := model.Compile(training)
	if err != nil {
		return nil, fmt.Errorf("train: training program: %w", err)
	}
	evaluate, err := model.Compile(evaluation)
	if err != nil {
		return nil, fmt.Errorf("train: evaluation program: %w", err)
	}
	return &Programs{Model: model, Train: step, Evaluate: evaluate}, nil
}

// Model is the model of a resolved configuration of the optimizer's steps, before it is compiled.
func Model(c config.Config) (*graph.Model, error) {
	model, err := graph.New(c.Graph())
	if err != nil {
		return nil, fmt.Errorf("train: model: %w", err)
	}
	return model, nil
}

// draw returns the compiler's options for the source of a stream's batches. Held-out rows are taken in order.
func draw(c config.Config, rows *Rows, stream uint32) graph.Options {
	switch {
	case c.Data.IsDictionary():
		return graph.Options{Generate: c.Data.Generate(stream)}
	case !c.Data.IsSet():
		return graph.Options{Sample: &graph.Sample{Law: c.Data.Name, Stream: stream}}
	case rows == nil:
		return graph.Options{}
	case stream == datasets.Evaluation:
		return graph.Options{Gather: &graph.Gather{Data: TestData, Rows: rows.HeldOut, Stream: stream, InOrder: true}}
	}
	return graph.Options{Gather: &graph.Gather{Data: TrainingData, Rows: rows.Training, Stream: stream}}
}

// The order in which a Runner is given the programs.
const (
	Training   = 0
	Evaluation = 1
)

// Tensors lists the tensors of each replica in a checkpoint of a resolved configuration.
func Tensors(c config.Config) ([]graph.Buffer, error) {
	if c.Alternating() {
		return alternatingTensors(c), nil
	}
	programs, err := Compile(c, nil)
	if err != nil {
		return nil, err
	}
	return programs.Train.Tensors(), nil
}

// alternatingTensors are encoder and decoder: alternating minimisation has no other state.
func alternatingTensors(c config.Config) []graph.Buffer {
	n, d := c.Model.Code(), c.Model.Dim
	return []graph.Buffer{
		{Name: graph.EncoderWeight, Shape: []int{n, d}, Kind: graph.Weight},
		{Name: graph.DecoderWeight, Shape: []int{d, n}, Kind: graph.Weight},
	}
}

// Momentum names the momentum of a weight, as PyTorch does. Where sgd's μ is 0 it is the gradient of the last step.
func Momentum(weight string) string { return weight + ".momentum_buffer" }
