package cells

import (
	"context"
	"errors"
	"time"

	"autoamp/train"
	"autoamp/train/machine"
)

// Store keeps the results of cells.
type Store interface {
	// Missing returns those of a job's cells that are not stored, as the store is now.
	Missing(job *Job) ([]string, error)
	// Put stores the results of a job's cells. A stored cell is done.
	Put(job *Job, results []Result, took Took) error
}

// Took is the time that a job has taken in its last session, of the clock and of computing on all cores.
type Took struct{ Wall, CPU time.Duration }

// Worker runs jobs.
type Worker struct {
	Store Store
	// Claims keeps other workers from the jobs of this one. Nil means that there are no others.
	Claims *Claims
	// Env returns the surroundings of a job, the i-th of those that Work was given.
	Env func(i int, job *Job) *Env
	// Release is called when a job is stored and no cell has failed, for what the job has left in its Env's directory.
	Release func(*Job)
	// Failed is called for a job that has failed, and for the failed cells of a job: results is nil for the first. If it returns an
	// error, Work ends with that error.
	Failed func(job *Job, results []Result, err error) error
}

// Counts is what a Worker did.
type Counts struct {
	Jobs   int // that it ran and stored whole
	Failed int // jobs that failed, whole or in part
	Held   int // jobs that other workers are at
}

// Work runs the jobs whose cells are not stored, in their order. When ctx is done, the error is or wraps ctx's error, and the job
// under way keeps what it has in its directory.
func (w *Worker) Work(ctx context.Context, jobs []*Job) (Counts, error) {
	var counts Counts
	for i, job := range jobs {
		if err := w.work(ctx, i, job, &counts); err != nil {
			return counts, err
		}
	}
	return counts, nil
}

// work does one job, unless it is done or another worker is at it.
func (w *Worker) work(ctx context.Context, i int, job *Job, counts *Counts) error {
	missing, err := w.Store.Missing(job)
	if err != nil || len(missing) == 0 {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.Claims == nil {
		return w.run(ctx, job, w.Env(i, job), missing, counts)
	}
	claim, err := w.Claims.Take(job.ID)
	if held := (*HeldError)(nil); errors.As(err, &held) {
		counts.Held++
		return nil
	}
	if err != nil {
		return err
	}
	defer claim.Release()
	if missing, err = w.Store.Missing(job); err != nil || len(missing) == 0 { // another worker has done it meanwhile
		return err
	}
	env := w.Env(i, job)
	claim.watch(env, len(missing))
	return w.run(ctx, job, env, missing, counts)
}

// watch reports the progress of a job with its claim.
func (c *Claim) watch(env *Env, cells int) {
	shown, began := env.Progress, time.Now()
	c.Report(Progress{Cells: cells})
	env.Progress = func(p train.Progress) {
		c.Report(Progress{Cells: cells, Step: p.Step, Steps: p.Steps, Seconds: time.Since(began).Seconds()})
		if shown != nil {
			shown(p)
		}
	}
}

// run runs a job and stores its results.
func (w *Worker) run(ctx context.Context, job *Job, env *Env, missing []string, counts *Counts) error {
	begin, computed := time.Now(), machine.CPUTime()
	results, err := job.Run(ctx, env, missing)
	if err != nil {
		if stopped := ctx.Err(); stopped != nil && errors.Is(err, stopped) {
			return err
		}
		counts.Failed++
		return w.Failed(job, nil, err)
	}
	if err := w.Store.Put(job, results, Took{time.Since(begin), machine.CPUTime() - computed}); err != nil {
		return err
	}
	for _, r := range results {
		if r.Err != nil {
			counts.Failed++
			return w.Failed(job, results, r.Err)
		}
	}
	counts.Jobs++
	w.Release(job)
	return nil
}
