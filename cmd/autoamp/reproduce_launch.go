package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"autoamp/bench/reproduce"
	"autoamp/cmd/autoamp/terminal"
	"autoamp/train/sweep/cells"
	"autoamp/train/sweep/local"
)

// launch runs the cells of experiments by workers, and then judges them. Cells that the judgement runs again are a second launch.
func (c *reproduceCmd) launch(ctx context.Context, a *app, chosen []*reproduce.Experiment, s reproduce.Settings) ([]*reproduce.Outcome, error) {
	run := c.local
	if c.Launcher == launcherSlurm {
		run = c.slurm
	}
	outcomes, err := run(ctx, a, chosen, s)
	if err == nil && reproduce.Open(outcomes) > 0 {
		fmt.Fprintf(a.notes(), "claims failed: %s to run again with other seeds\n", plural(reproduce.Open(outcomes), "cell"))
		return run(ctx, a, chosen, s)
	}
	return outcomes, err
}

// local runs the cells by processes of this machine, and judges them.
func (c *reproduceCmd) local(ctx context.Context, a *app, chosen []*reproduce.Experiment, s reproduce.Settings) ([]*reproduce.Outcome, error) {
	names, err := c.each()
	if err != nil {
		return nil, err
	}
	suite, claim, err := reproduce.Begin(chosen, s, cells.Launch{Launcher: c.Launcher, Version: revision(), Replicas: 1, Tasks: 1, Seconds: math.Inf(1)})
	if err != nil {
		return nil, err
	}
	defer claim.Release()
	workers, threads, err := shareOut(c.deviceFlags, len(names), c.Jobs, len(suite.Jobs))
	if err != nil {
		return nil, err
	}
	watch := &jobWatch{a: a, begun: time.Now(), jobs: len(suite.Jobs)}
	launcher := local.Launcher{
		Directory: suite.Directory, Jobs: suite.Jobs, Workers: workers, Command: localWorker(suite.Path, c.deviceFlags, names, threads),
		Lost:  a.lostWorkers,
		Ended: watch.ended,
	}
	if a.draws() {
		watch.show(0)
	}
	launched := launcher.Run(ctx)
	a.clear()
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

// jobWatch shows how many cells of a reproduction have ended: a bar on a terminal, elsewhere a line for each.
type jobWatch struct {
	a          *app
	begun      time.Time
	pace       terminal.Pace
	ends, jobs int
}

// ended is told that a job has ended.
func (w *jobWatch) ended(id string, failed bool) {
	w.ends++
	elapsed := time.Since(w.begun)
	if !w.a.draws() || failed {
		fmt.Fprintf(w.a.notes(), "%s: %s; %s, %v\n", id, outcomeWord(failed), plural(w.ends, "cell"), elapsed.Round(time.Second))
	}
	if w.a.draws() {
		w.show(elapsed)
	}
}

// show shows the bar.
func (w *jobWatch) show(elapsed time.Duration) {
	w.pace.Add(elapsed, float64(w.ends))
	fields := terminal.Fields{fmt.Sprintf("%d of %d cells", w.ends, w.jobs), w.pace.Left(float64(w.jobs - w.ends))}
	w.a.showBar(fields, float64(w.ends), float64(w.jobs))
}

func outcomeWord(failed bool) string {
	if failed {
		return local.Failed
	}
	return local.Done
}

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
