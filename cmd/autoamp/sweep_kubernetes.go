package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
	"autoamp/train/sweep/kubernetes"
	"autoamp/train/sweep/slurm"
)

// launcherKubernetes is the launcher of package kubernetes.
const launcherKubernetes = "kubernetes"

// kubernetes makes the directory and its plan. Every pod of the job does so before it works, and only the first has anything to do.
func (c *sweepRunCmd) kubernetes(ctx context.Context, a *app, grid *sweep.Grid) error {
	seconds, err := c.seconds(slurm.Array{})
	if err != nil {
		return err
	}
	s, claim, err := beginInTurn(ctx, c.Out, grid, sweep.Launch{
		Launcher: c.Launcher, Version: revision(), Replicas: c.replicas(), Tasks: kubernetes.MaxTasks, Seconds: seconds,
	})
	if err != nil {
		return err
	}
	claim.Release()
	_, err = fmt.Fprintf(a.stdout, "%d tasks for %d cells\n", len(s.Plan.First), len(grid.Cells))
	return err
}

// beginInTurn is sweep.Begin where others begin the same sweep: it waits for them, for two minutes at most.
func beginInTurn(ctx context.Context, dir string, grid *sweep.Grid, l sweep.Launch) (*sweep.Sweep, *cells.Claim, error) {
	for end := time.Now().Add(2 * time.Minute); ; {
		s, claim, err := sweep.Begin(dir, grid, l)
		var held *cells.HeldError
		if !errors.As(err, &held) || time.Now().After(end) {
			return s, claim, err
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
