package main

import (
	"context"

	"autoamp/bench/reproduce"
	"autoamp/train/sweep/cells"
)

// slurm submits the cells of experiments that are not done, and returns at once, without outcomes. If all are done, it judges them.
func (c *reproduceCmd) slurm(ctx context.Context, a *app, chosen []*reproduce.Experiment, s reproduce.Settings) ([]*reproduce.Outcome, error) {
	array, err := c.array(c.Out, c.deviceFlags)
	if err != nil {
		return nil, err
	}
	seconds, err := c.seconds(array)
	if err != nil {
		return nil, err
	}
	if array.Limit, err = tasksAtATime(c.Jobs); err != nil {
		return nil, err
	}
	most, queue, err := atSlurm(ctx, array.Dir)
	if err != nil {
		return nil, err
	}
	suite, claim, err := reproduce.Begin(chosen, s, cells.Launch{
		Launcher: c.Launcher, Version: revision(), Replicas: 1, Tasks: most, Seconds: seconds, Dead: gone(queue),
	})
	if err != nil {
		return nil, err
	}
	defer claim.Release()
	open, err := openJobs(suite)
	if err != nil {
		return nil, err
	}
	if len(open) == 0 {
		return c.judge(ctx, suite, chosen, s)
	}
	array.Tasks = suite.Plan.TasksOf(open, suite.Jobs)
	return nil, submit(ctx, a, array, len(open), commandLine("reproduce", append(c.Experiment, c.args()...)), c.JSON)
}

// openJobs lists the cells of a reproduction that are not done.
func openJobs(suite *reproduce.Crew) ([]*cells.Job, error) {
	store, err := suite.Store("", "")
	if err != nil {
		return nil, err
	}
	var open []*cells.Job
	for _, job := range suite.Jobs {
		missing, err := store.Missing(job)
		if err != nil {
			return nil, err
		}
		if len(missing) > 0 {
			open = append(open, job)
		}
	}
	return open, nil
}

// tasksAtATime is --jobs for Slurm, 0 for all.
func tasksAtATime(jobs *int) (int, error) {
	if jobs == nil {
		return 0, nil
	}
	if *jobs < 1 {
		return 0, usagef("--jobs = %d: must be at least 1; leave it out for as many tasks at a time as Slurm lets run", *jobs)
	}
	return *jobs, nil
}
