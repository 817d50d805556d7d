package train

import (
	"context"
	"errors"

	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/program"
)

// algorithm trains the replicas of a run, by the optimizer's steps on an executor or by alternating minimisation. Both
// algorithms are functions of weights and step.
type algorithm interface {
	// Device names the executor or the processor that computes.
	Device() string
	// Train does updates first, first+1, … and writes their losses (steps, replicas).
	Train(first uint64, steps int, losses []float64) error
	// Evaluate writes the losses (batches, replicas) of the current weights on batches of fresh data. The batches have the
	// numbers first, first+1, …
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

// begin puts the programs on an executor, with weights and state of step 0. Where the configuration tries both starts, the trial
// has given its memory back before the run takes its own.
func begin(ctx context.Context, executor graph.Executor, programs *Programs, replicas []graph.Replica, c Config) (descent, error) {
	var localised []bool
	if c.Model.Init == config.InitBest {
		var err error
		if localised, err = (trial{executor, programs, replicas, c}).try(ctx); err != nil {
			return descent{}, err
		}
	}
	d, err := load(executor, programs, replicas)
	if err != nil {
		return descent{}, err
	}
	err = initialise(ctx, d, programs, replicas, c)
	if err == nil && localised != nil {
		err = localise(d, c, len(replicas), func(k int) bool { return localised[k] })
	}
	if err != nil {
		return descent{}, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d descent) Device() string { return d.executor.Device() }

func (d descent) Train(first uint64, steps int, losses []float64) error {
	return d.Run(program.Training, first, steps, losses)
}

func (d descent) Evaluate(first uint64, batches int, losses []float64) error {
	return d.Run(program.Evaluation, first, batches, losses)
}
