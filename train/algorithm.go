package train

import (
	"context"

	"autoamp/graph"
	"autoamp/train/program"
)

// algorithm is what trains the replicas of a run: the optimizer's steps on an executor, or alternating minimisation. Both are
// functions of weights and step.
type algorithm interface {
	// Device says what computes.
	Device() string
	// Train does updates, the first of which has the given number, and returns their losses (steps, replicas).
	Train(first uint64, steps int, losses []float64) error
	// Evaluate returns the losses (batches, replicas) of the current weights on batches of fresh data, the first of which has
	// the given number.
	Evaluate(first uint64, batches int, losses []float64) error
	// Read and Write copy a tensor of one replica.
	Read(name string, replica int, dst []float32) error
	Write(name string, replica int, src []float32) error
	Close() error
}

// descent is the optimizer's steps along the surrogate gradient: the two programs of a configuration on an executor.
type descent struct {
	graph.Runner
	executor graph.Executor
	programs *Programs
	replicas []graph.Replica
}

// load puts the programs on an executor.
func load(executor graph.Executor, programs *Programs, replicas []graph.Replica) (descent, error) {
	runner, err := executor.Load(replicas, programs.Train, programs.Evaluate)
	return descent{runner, executor, programs, replicas}, err
}

// start sets weights and state to step 0.
func (d descent) start(ctx context.Context, c Config) error {
	return initialise(ctx, d.Runner, d.programs, d.replicas, c)
}

func (d descent) Device() string { return d.executor.Device() }

func (d descent) Train(first uint64, steps int, losses []float64) error {
	return d.Run(program.Training, first, steps, losses)
}

func (d descent) Evaluate(first uint64, batches int, losses []float64) error {
	return d.Run(program.Evaluation, first, batches, losses)
}
