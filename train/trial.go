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

// trial trains a replica from either start for c.TrialSteps updates and reports for which replicas the localised start has the
// smaller test error. It is a function of the configuration: a resumed run that tries again finds the same.
func (d descent) trial(ctx context.Context, c Config) (localised []bool, err error) {
	n := len(d.replicas)
	both, err := load(d.executor, d.programs, slices.Concat(d.replicas, d.replicas))
	if err != nil {
		return nil, fmt.Errorf("train: trial of starts: %w", err)
	}
	defer func() { err = errors.Join(err, both.Close()) }()
	c.Model.Init = config.InitRandom
	if err := both.start(ctx, c); err != nil {
		return nil, err
	}
	if err := localise(both, c, 2*n, func(k int) bool { return k >= n }); err != nil {
		return nil, err
	}
	if err = both.learn(ctx, c.TrialSteps()); err == nil {
		localised, err = both.better(c.Evaluation.Batches, n)
	}
	if bad := (*graph.NonFiniteError)(nil); errors.As(err, &bad) { // the run itself will say where, and keep a checkpoint
		return make([]bool, n), nil
	}
	return localised, err
}

// learn does the first updates, in chunks.
func (d descent) learn(ctx context.Context, steps int) error {
	losses := make([]float64, trialChunk*len(d.replicas))
	for step := 0; step < steps; step += trialChunk {
		if ctx.Err() != nil {
			return fmt.Errorf("train: stopped in the trial of starts: %w", ctx.Err())
		}
		now := min(trialChunk, steps-step)
		if err := d.Train(uint64(step), now, losses[:now*len(d.replicas)]); err != nil {
			return err
		}
	}
	return nil
}

// better compares the test errors of the replicas n, n+1, … with those of 0, 1, ….
func (d descent) better(batches, n int) ([]bool, error) {
	losses := make([]float64, batches*2*n)
	if err := d.Evaluate(0, batches, losses); err != nil {
		return nil, err
	}
	out := make([]bool, n)
	for k := range out {
		random, _ := meanStderr(column(losses, k, 2*n))
		localised, _ := meanStderr(column(losses, n+k, 2*n))
		out[k] = localised < random
	}
	return out, nil
}
