package devices

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"autoamp/graph"
)

// Pool shares devices out to jobs.
type Pool struct {
	// Devices work side by side, at least one.
	Devices []graph.Executor
	// Logger receives a warning for every device that fails. Nil means that no warning is written.
	Logger *slog.Logger
}

// Job is a piece of work on one device. A job that begins again after the failure of a device finds what it has stored.
type Job func(ctx context.Context, i int, exec graph.Executor) error

// Run runs the jobs 0 to n−1, in this order, as many at a time as there are devices. A job whose device fails begins again on
// another device, and the device gets no more jobs. An error that is no failure of a device, or the failure of the last device,
// ends Run: jobs that are at work are cancelled, and Run returns the error of the first job that has one. If ctx ends, Run returns
// its error.
func (p *Pool) Run(ctx context.Context, n int, job Job) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	q := &queue{errs: make([]error, n), cancel: cancel}
	q.changed.L = &q.Mutex
	for i := range n {
		q.waiting = append(q.waiting, i)
	}
	var done sync.WaitGroup
	for _, device := range p.Devices {
		done.Go(func() { p.serve(ctx, q, New(device), job) })
	}
	done.Wait()
	return q.result()
}

// serve lets a device do jobs until there are no more, or the device fails.
func (p *Pool) serve(ctx context.Context, q *queue, device *Executor, job Job) {
	for {
		i, ok := q.next()
		if !ok {
			return
		}
		err := ctx.Err()
		if err == nil {
			err = job(ctx, i, device)
		}
		var failed *FailedError
		if errors.As(err, &failed) && ctx.Err() == nil {
			if p.Logger != nil {
				p.Logger.Warn("a device failed, and its job goes to the others", "device", failed.Device, "err", failed.Err)
			}
			q.giveBack(i, err)
			return
		}
		q.done(i, err)
	}
}

// queue is the jobs of a Run.
type queue struct {
	sync.Mutex
	changed sync.Cond
	waiting []int // in order
	working int
	errs    []error // by job
	stopped bool    // by an error
	cancel  func()
}

// next is the next job. It waits while none is left but another device may give its job back.
func (q *queue) next() (i int, ok bool) {
	q.Lock()
	defer q.Unlock()
	for len(q.waiting) == 0 && q.working > 0 && !q.stopped {
		q.changed.Wait()
	}
	if len(q.waiting) == 0 || q.stopped {
		return 0, false
	}
	i, q.waiting = q.waiting[0], q.waiting[1:]
	q.working++
	q.errs[i] = nil
	return i, true
}

// giveBack puts a job in its place again. The error of its device stays with it until another device takes it.
func (q *queue) giveBack(i int, err error) {
	q.Lock()
	defer q.Unlock()
	q.errs[i] = err
	at, _ := slices.BinarySearch(q.waiting, i)
	q.waiting = slices.Insert(q.waiting, at, i)
	q.working--
	q.changed.Broadcast()
}

// done ends a job. An error ends all.
func (q *queue) done(i int, err error) {
	q.Lock()
	defer q.Unlock()
	q.errs[i] = err
	q.working--
	if err != nil && !q.stopped {
		q.stopped = true
		q.cancel()
	}
	q.changed.Broadcast()
}

// result is the error of the first job that has one. Jobs that were cancelled after another's error have none of their own.
func (q *queue) result() error {
	var cancelled error
	for _, err := range q.errs {
		switch {
		case err == nil:
		case !errors.Is(err, context.Canceled):
			return err
		case cancelled == nil:
			cancelled = err
		}
	}
	return cancelled
}
