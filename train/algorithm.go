package train

import (
	"context"
	"errors"
	"runtime/debug"

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

// descent is the optimizer's steps along the surrogate gradient: the programs of a configuration on an executor.
type descent struct {
	graph.Runner
	executor graph.Executor
	programs *Programs
	replicas []graph.Replica
}

// load puts the programs on an executor.
func load(executor graph.Executor, programs *Programs, replicas []graph.Replica) (descent, error) {
	runner, err := executor.Load(replicas, programs.All()...)
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
	return loadStart(ctx, executor, programs, replicas, c, func(k int) bool { return localised != nil && localised[k] })
}

// loadStart puts the programs on an executor, with weights and state of step 0, those of the chosen replicas localised.
func loadStart(
	ctx context.Context, executor graph.Executor, programs *Programs, replicas []graph.Replica, c Config, chosen func(replica int) bool,
) (descent, error) {
	d, err := load(executor, programs, replicas)
	if err != nil {
		return descent{}, err
	}
	err = initialise(ctx, d, programs, replicas, c)
	if err == nil {
		err = localise(d, c, len(replicas), chosen)
	}
	if err != nil {
		return descent{}, errors.Join(err, d.Close())
	}
	// A Haar matrix is made in float64. Its pages would stay, unused, beside those that training is about to take.
	if kept, _ := programs.Train.Bytes(); kept > largeModel {
		debug.FreeOSMemory()
	}
	return d, nil
}

// largeModel is the size in bytes of a replica's weights and moments from which on a start gives its memory back at once: that takes
// about a millisecond.
const largeModel = 32 << 20

func (d descent) Device() string { return d.executor.Device() }

func (d descent) Train(first uint64, steps int, losses []float64) error {
	for steps > 0 {
		number, until := d.programs.At(first)
		now := int(min(uint64(steps), until-first))
		if err := d.Run(number, first, now, losses[:now*len(d.replicas)]); err != nil {
			return err
		}
		first, steps, losses = first+uint64(now), steps-now, losses[now*len(d.replicas):]
	}
	return nil
}

func (d descent) Evaluate(first uint64, batches int, losses []float64) error {
	return d.Run(program.Evaluation, first, batches, losses)
}
