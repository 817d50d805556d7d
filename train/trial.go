package train

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"autoamp/graph"
	"autoamp/train/config"
)

// A random start is on the Haar candidate's plateau. Where permutations are better, a row leaves the plateau when one of its
// entries has grown from 1/√d to 1. The drift that makes it grow is of the order of the entry's cube, and the noise of batches
// works against it: that takes a number of samples that grows like d³, far more than the descent behind the plateau. A localised
// start, half-way to a permutation, takes some hundred updates to reach either end from there, whichever attracts it. So both
// starts are tried, and the measured error decides.

// trialChunk is the number of steps between looks at the context.
const trialChunk = 20

// sideBySide is the memory in bytes up to which both starts are tried together, as replicas beside each other. Small models are
// faster that way. A large model fills every core alone, and two of them would be the peak of the run's memory.
const sideBySide = 128 << 20

// trial is both starts of the replicas of a configuration.
type trial struct {
	executor graph.Executor
	programs *Programs
	replicas []graph.Replica
	config   Config
}

// try trains every replica from either start for config.TrialSteps updates and reports for which replicas the localised start has
// the smaller test error. It is a function of the configuration: a resumed run that tries again finds the same. Its memory is
// given back when it returns.
func (t trial) try(ctx context.Context) ([]bool, error) {
	t.config.Model.Init = config.InitRandom
	measure := t.inTurn
	if _, beside := bytesOf(t.programs, len(t.replicas)); beside {
		measure = t.together
	}
	random, localised, err := measure(ctx)
	better := make([]bool, len(t.replicas))
	if bad := (*graph.NonFiniteError)(nil); errors.As(err, &bad) { // the run itself will say where, and keep a checkpoint
		return better, nil
	}
	if err != nil {
		return nil, fmt.Errorf("train: trial of starts: %w", err)
	}
	for k := range better {
		better[k] = localised[k] < random[k]
	}
	return better, nil
}

// PeakBytes is the memory of a configuration's programs with a number of replicas side by side: its own or, where that is more, the
// trial's of its starts.
func PeakBytes(c Config, programs *Programs, replicas int) int64 {
	own, beside := bytesOf(programs, replicas)
	if c.WithDefaults().Model.Init == config.InitBest && beside {
		return 2 * own
	}
	return own
}

// bytesOf is the memory of programs with a number of replicas, and whether both starts of them are tried beside each other.
func bytesOf(programs *Programs, replicas int) (own int64, beside bool) {
	kept, arena := programs.Train.Bytes()
	own = int64(replicas)*kept + arena
	return own, 2*own <= sideBySide
}

// together measures the test errors of both starts beside each other.
func (t trial) together(ctx context.Context) (random, localised []float64, err error) {
	n := len(t.replicas)
	both, err := t.measure(ctx, slices.Concat(t.replicas, t.replicas), func(k int) bool { return k >= n })
	if err != nil {
		return nil, nil, err
	}
	return both[:n], both[n:], nil
}

// inTurn measures them one after the other.
func (t trial) inTurn(ctx context.Context) (random, localised []float64, err error) {
	if random, err = t.measure(ctx, t.replicas, func(int) bool { return false }); err != nil {
		return nil, nil, err
	}
	localised, err = t.measure(ctx, t.replicas, func(int) bool { return true })
	return random, localised, err
}

// measure trains replicas, the chosen ones from the localised start, and returns their test errors.
func (t trial) measure(ctx context.Context, replicas []graph.Replica, chosen func(replica int) bool) (errs []float64, err error) {
	d, err := loadStart(ctx, t.executor, t.programs, replicas, t.config, chosen)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.learn(ctx, t.config.TrialSteps()); err != nil {
		return nil, err
	}
	return d.testErrors(t.config.Evaluation.Batches)
}

// learn does the first updates, in chunks.
func (d descent) learn(ctx context.Context, steps int) error {
	losses := make([]float64, trialChunk*len(d.replicas))
	for step := 0; step < steps; step += trialChunk {
		if ctx.Err() != nil {
			return fmt.Errorf("stopped: %w", ctx.Err())
		}
		now := min(trialChunk, steps-step)
		if err := d.Train(uint64(step), now, losses[:now*len(d.replicas)]); err != nil {
			return err
		}
	}
	return nil
}

// testErrors are the mean losses of the replicas on the first batches of the evaluation.
func (d descent) testErrors(batches int) ([]float64, error) {
	losses := make([]float64, batches*len(d.replicas))
	if err := d.Evaluate(0, batches, losses); err != nil {
		return nil, err
	}
	errs := make([]float64, len(d.replicas))
	for k := range errs {
		errs[k], _ = meanStderr(column(losses, k, len(d.replicas)))
	}
	return errs, nil
}
