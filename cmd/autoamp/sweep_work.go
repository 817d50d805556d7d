package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"autoamp/bench/reproduce"
	"autoamp/bench/reproduce/experiments"
	"autoamp/graph/devices"
	"autoamp/train"
	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
	"autoamp/train/sweep/local"
)

// sweepWorkCmd is autoamp sweep work, which launchers start: nobody types it.
type sweepWorkCmd struct {
	deviceFlags
	Dir      string `complete:"dir" arg:"" help:"Directory of the sweep or of a reproduction."`
	Task     *int   `help:"Only the jobs of a task. Default: all that are free." placeholder:"I"`
	Worker   int    `default:"-1" help:"Number of the worker, for claims and failures." placeholder:"N"`
	Attached bool   `help:"Save and end when standard input ends."`
}

// localWorker is the command of a worker of the local launcher. Workers share out the devices with the given names.
func localWorker(dir string, flags deviceFlags, names []string, threads int) func(number int) *exec.Cmd {
	return func(number int) *exec.Cmd {
		of := flags
		of.Threads = &threads
		of.Device = names[number%len(names)]
		return exec.Command(thisProgram(), append([]string{"sweep", "work", dir, "--attached", "--worker", itoa(number)}, of.args()...)...)
	}
}

// lostWorkers warns of workers that ended before their time.
func (a *app) lostWorkers(err error) {
	a.log.Warn("a worker failed, and the others do what it leaves", "err", err)
}

// crew is the directory of a sweep or a reproduction, as workers see it.
type crew struct {
	cells.Directory
	jobs    []*cells.Job
	plan    *cells.Plan
	version string // that launched it
	store   func(version, device string) (*cells.Shards, error)
}

// openCrew opens a directory that a launcher has begun.
func openCrew(dir string) (*crew, error) {
	if reproduce.IsSuite(dir) {
		suite, err := reproduce.OpenCrew(dir, experiments.Find)
		if err != nil {
			return nil, err
		}
		return crewOf(suite), nil
	}
	s, err := sweep.Open(dir)
	if err != nil {
		return nil, err
	}
	return &crew{s.Directory, s.Jobs, s.Plan, s.Version, s.Store}, nil
}

// crewOf is the crew of a reproduction.
func crewOf(suite *reproduce.Crew) *crew {
	c := &crew{Directory: suite.Directory, jobs: suite.Jobs, plan: suite.Plan, store: suite.Store}
	if c.plan != nil {
		c.version = c.plan.Version
	}
	return c
}

// Run does the jobs of a task, or all that are free.
func (c *sweepWorkCmd) Run(ctx context.Context, a *app) error {
	crew, err := openCrew(c.Dir)
	if err != nil {
		return err
	}
	jobs, err := c.jobs(crew)
	if err != nil {
		return err
	}
	exec, err := c.open()
	if err != nil {
		return err
	}
	defer a.release(exec)
	store, err := crew.store(revision(), exec.Device())
	if err != nil {
		return err
	}
	if c.Attached {
		var stop func()
		ctx, stop = untilEOF(ctx, os.Stdin)
		defer stop()
	}
	if c.Device != "cpu" { // the failure of a GPU is not the job's
		exec = devices.New(exec)
	}
	task := cells.Task{
		Directory: crew.Directory, Jobs: jobs, Store: store, Executor: exec, Logger: quietLog(a), Holder: c.holder(), Dead: goneNow(ctx, c.Dir),
		Begun: func(job *cells.Job) func(train.Progress) {
			if !a.draws() {
				fmt.Fprintf(a.notes(), "%s: %s\n", job.ID, job.Name)
			}
			return newProgress(a, job.ID, job.Name).update
		},
		Ended: func(job *cells.Job, err error) {
			word := local.Done
			if err != nil {
				word = local.Failed
				fmt.Fprintf(a.stderr, "%s: failed: %v\n", job.ID, err)
			}
			fmt.Fprintln(a.stdout, word, job.ID)
		},
	}
	defer a.clear()
	run := task.Run
	if c.Task != nil {
		run = func(ctx context.Context) (cells.Counts, error) { return task.Finish(ctx, cells.Pause) }
	}
	counts, err := run(ctx)
	return c.conclude(ctx, a, counts, err)
}

// jobs are the jobs of the task.
func (c *sweepWorkCmd) jobs(crew *crew) ([]*cells.Job, error) {
	switch {
	case crew.plan == nil:
		return nil, usagef("sweep: %s: there is no whole plan: launch it with autoamp sweep FILE --out %s", c.Dir, c.Dir)
	case crew.version != revision():
		return nil, usagef("sweep: %s: launched by autoamp %s, and this is %s: results of two versions are not mixed; launch it again with this one",
			c.Dir, crew.version, revision())
	case c.Task == nil:
		return crew.jobs, nil
	}
	jobs, err := crew.plan.Task(*c.Task, crew.jobs)
	if err != nil {
		return nil, &usageError{err: fmt.Errorf("sweep: %w", err)}
	}
	return jobs, nil
}

// holder is this process as it claims jobs.
func (c *sweepWorkCmd) holder() cells.Holder {
	task := c.Worker
	if c.Task != nil {
		task = *c.Task
	}
	return cells.ThisHolder(batchJob(os.Getenv), task)
}

// batchJob names the job of the batch system that this process is in, empty for none. A pod of an Indexed Job is named after its job
// and index, and another pod takes its name when it is gone.
func batchJob(env func(string) string) string {
	if job, task := env("SLURM_ARRAY_JOB_ID"), env("SLURM_ARRAY_TASK_ID"); job != "" && task != "" {
		return "slurm:" + job + "_" + task
	}
	if job := env("SLURM_JOB_ID"); job != "" {
		return "slurm:" + job
	}
	if pod := env("HOSTNAME"); pod != "" && env("JOB_COMPLETION_INDEX") != "" {
		return "kubernetes:" + pod
	}
	return ""
}

// conclude says how the work ended. A failed job fails the task, and the last line of the log says which.
func (c *sweepWorkCmd) conclude(ctx context.Context, a *app, counts cells.Counts, err error) error {
	switch {
	case err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return fmt.Errorf("sweep: %w", err)
	case err != nil:
		return err
	}
	fmt.Fprintln(a.stdout, local.Finished)
	if counts.Held > 0 {
		fmt.Fprintf(a.notes(), "left %s to other workers that are at it\n", plural(counts.Held, "job"))
	}
	if counts.Failed > 0 {
		return fmt.Errorf("sweep: %s failed, for the reasons above", plural(counts.Failed, "job"))
	}
	return nil
}

// untilEOF cancels a context at the end of a reader.
func untilEOF(ctx context.Context, r io.Reader) (context.Context, func()) {
	ctx, stop := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, r) // an error is an end too
		stop()
	}()
	return ctx, stop
}
