package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"autoamp/bench/reproduce"
	"autoamp/train/sweep/cells"
	"autoamp/train/sweep/local"
)

// launch runs the cells of experiments by workers, and then judges them.
func (c *reproduceCmd) launch(ctx context.Context, a *app, chosen []*reproduce.Experiment, s reproduce.Settings) ([]*reproduce.Outcome, error) {
	if c.Launcher == launcherSlurm {
		return c.slurm(ctx, a, chosen, s)
	}
	suite, claim, err := reproduce.Begin(chosen, s, cells.Launch{Launcher: c.Launcher, Version: revision(), Replicas: 1, Tasks: 1, Seconds: math.Inf(1)})
	if err != nil {
		return nil, err
	}
	defer claim.Release()
	workers, threads, err := shareOut(c.deviceFlags, c.Jobs, len(suite.Jobs))
	if err != nil {
		return nil, err
	}
	ends, begun := 0, time.Now()
	launcher := local.Launcher{
		Directory: suite.Directory, Jobs: suite.Jobs, Workers: workers, Command: localWorker(suite.Path, c.deviceFlags, threads),
		Ended: func(id string, failed bool) {
			ends++
			fmt.Fprintf(a.stderr, "%s: %s; %d cells, %v\n", id, outcomeWord(failed), ends, time.Since(begun).Round(time.Second))
		},
	}
	launched := launcher.Run(ctx)
	if launched == nil {
		return c.judge(ctx, suite, chosen, s)
	}
	s.Gather = true
	outcomes, _ := reproduce.Suite(context.WithoutCancel(ctx), chosen, s) // why the workers ended is the reason for what is missing
	return outcomes, fmt.Errorf("reproduce: %w", launched)
}

// judge gathers the results of the workers, judges them, and removes what the workers left.
func (c *reproduceCmd) judge(ctx context.Context, suite *reproduce.Crew, chosen []*reproduce.Experiment, s reproduce.Settings) ([]*reproduce.Outcome, error) {
	s.Gather = true
	outcomes, err := reproduce.Suite(context.WithoutCancel(ctx), chosen, s)
	if err != nil {
		return outcomes, err
	}
	return outcomes, suite.Remove()
}

func outcomeWord(failed bool) string {
	if failed {
		return local.Failed
	}
	return local.Done
}
