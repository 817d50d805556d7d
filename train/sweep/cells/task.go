package cells

import (
	"context"
	"errors"
	"log/slog"

	"autoamp/datasets/durable"
	"autoamp/graph"
	"autoamp/graph/devices"
	"autoamp/train"
)

// Task is the work of one of several workers in a directory.
type Task struct {
	Directory
	Jobs     []*Job
	Store    *Shards
	Executor graph.Executor
	Logger   *slog.Logger // nil means none
	Holder   Holder
	Dead     func(Holder) bool // see Claims
	// Begun is called for every job that begins, and Ended for every job that ends: with an error if it, or a cell of it, has
	// failed. Nil means that none is called.
	Begun func(*Job) func(train.Progress)
	Ended func(*Job, error)
}

// Run runs the jobs that are not done, have not failed and have no other worker at them. A job that fails leaves a Failure, and the
// others go on.
func (t *Task) Run(ctx context.Context) (Counts, error) {
	claims := t.Claims(t.Holder)
	claims.Dead = t.Dead
	worker := Worker{
		Store: t.Store, Claims: claims, Failed: t.failed,
		Env: func(_ int, job *Job) *Env {
			env := &Env{Executor: t.Executor, Dir: t.RunPath(job.ID), Sweep: t.Path, Disk: t.Disk, Logger: t.Logger}
			if t.Begun != nil {
				env.Progress = t.Begun(job)
			}
			return env
		},
		Release: func(job *Job) {
			t.Store.Remove(job)
			if t.Ended != nil {
				t.Ended(job, nil)
			}
		},
	}
	return worker.Work(ctx, t.Jobs)
}

// failed stores why a job, or cells of it, have failed.
func (t *Task) failed(job *Job, results []Result, err error) error {
	if durable.Exhausted(err) { // the disk is full: every other job would fail
		return err
	}
	if errors.As(err, new(*devices.FailedError)) { // likewise; other workers have other devices
		return err
	}
	f := Failure{Error: err.Error(), Host: t.Holder.Host, Task: t.Holder.Task}
	for _, r := range results {
		if r.Err != nil {
			f.Cells = append(f.Cells, r.Key)
		}
	}
	if results == nil {
		missing, missErr := t.Store.Missing(job)
		if missErr != nil {
			return missErr
		}
		f.Cells = missing
	}
	if t.Ended != nil {
		t.Ended(job, err)
	}
	return t.Fail(job, f)
}
