package program

import (
	"fmt"
	"math"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train/config"
)

// Programs is a Config compiled: the model, one step of its training, one batch of its
// evaluation. They share their weights by name.
type Programs struct {
	Model *graph.Model
	// Train is a step at the first temperature of the surrogate gradient.
	Train    *graph.Program
	Evaluate *graph.Program
	// Cooler are the steps at later temperatures, in their order. They have Train's tensors and memory.
	Cooler []Stage
}

// Stage is a step of training from a number of steps on.
type Stage struct {
	From uint64
	Step *graph.Program
}

// All lists the programs in the order in which a Runner is given them.
func (p *Programs) All() []*graph.Program {
	all := []*graph.Program{Training: p.Train, Evaluation: p.Evaluate}
	for _, s := range p.Cooler {
		all = append(all, s.Step)
	}
	return all
}

// At returns the place in All of the program of a training step, and the first step that has another one.
func (p *Programs) At(step uint64) (number int, until uint64) {
	number = Training
	for i, s := range p.Cooler {
		if step < s.From {
			return number, s.From
		}
		number = Evaluation + 1 + i
	}
	return number, math.MaxUint64
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
	programs := &Programs{Model: model}
	if programs.Train, err = step(model, training); err != nil {
		return nil, err
	}
	if programs.Evaluate, err = model.Compile(evaluation); err != nil {
		return nil, fmt.Errorf("train: evaluation program: %w", err)
	}
	for _, cooler := range c.Coolings()[1:] {
		c.Model.Tau = cooler.Tau
		if model, err = Model(c); err != nil {
			return nil, err
		}
		train, err := step(model, training)
		if err != nil {
			return nil, err
		}
		programs.Cooler = append(programs.Cooler, Stage{cooler.From, train})
	}
	return programs, nil
}

// step compiles a step of training.
func step(model *graph.Model, training graph.Options) (*graph.Program, error) {
	train, err := model.Compile(training)
	if err != nil {
		return nil, fmt.Errorf("train: training program: %w", err)
	}
	return train, nil
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

// The places of the first programs in All.
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
