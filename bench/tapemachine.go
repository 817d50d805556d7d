package bench

import (
	"fmt"
	"runtime"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"autoamp/datasets"
	"autoamp/train"
)

// tapeMachine is a training step by gorgonia: gorgonia.TapeMachine runs the same graph, with
// gorgonia's Adam. The data come from package datasets, because it is much faster than gorgonia's
// generators.
type tapeMachine struct {
	loss    *gorgonia.Node
	vm      gorgonia.VM
	solver  gorgonia.Solver
	params  []gorgonia.ValueGrad
	source  datasets.Source
	batch   []float32
	next    uint64
	threads int
}

// newTapeMachine builds the machine for the first replica of a Config.
func newTapeMachine(c train.Config, threads int) (*tapeMachine, error) {
	c = c.WithDefaults()
	programs, err := train.Compile(c) // for the gradients that it adds to the graph
	if err != nil {
		return nil, err
	}
	model := programs.Model
	law, err := datasets.NewLaw(c.Data.Name, c.Data.P[0], c.Data.MixtureMean)
	if err != nil {
		return nil, err
	}
	source, err := datasets.Synthetic(law, c.Model.Dim, c.Seeds[0], datasets.Training)
	if err != nil {
		return nil, err
	}
	m := &tapeMachine{loss: model.Loss, source: source, batch: make([]float32, c.Batch*c.Model.Dim), threads: threads}
	x := tensor.New(tensor.WithShape(c.Batch, c.Model.Dim), tensor.WithBacking(m.batch))
	if err := gorgonia.Let(model.Input, x); err != nil {
		return nil, fmt.Errorf("bench: tape machine: %w", err)
	}
	var nodes gorgonia.Nodes
	for _, param := range model.Params {
		shape := param.Node.Shape().Clone()
		w := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(append([]float32(nil), start(param)...)))
		if err := gorgonia.Let(param.Node, w); err != nil {
			return nil, fmt.Errorf("bench: tape machine: %w", err)
		}
		if param.Trained {
			nodes = append(nodes, param.Node)
		}
	}
	m.vm = gorgonia.NewTapeMachine(model.Graph, gorgonia.BindDualValues(nodes...))
	m.solver = gorgonia.NewAdamSolver(gorgonia.WithLearnRate(c.Optimizer.LearningRate))
	m.params = gorgonia.NodesToValueGrads(nodes)
	return m, nil
}

// Run does the next steps on the machine's threads.
func (m *tapeMachine) Run(steps int) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(m.threads))
	for range steps {
		if err := m.source.Fill(m.batch, m.next); err != nil {
			return err
		}
		m.next++
		if err := m.vm.RunAll(); err != nil {
			return fmt.Errorf("bench: tape machine: %w", err)
		}
		if err := m.solver.Step(m.params); err != nil {
			return fmt.Errorf("bench: gorgonia's Adam: %w", err)
		}
		m.vm.Reset()
	}
	return nil
}

func (m *tapeMachine) Close() error { return m.vm.Close() }
