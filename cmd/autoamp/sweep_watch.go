package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"autoamp/cmd/autoamp/terminal"
	"autoamp/train/sweep"
)

// sweepWatch shows how far the workers are, and writes the table as cells finish.
type sweepWatch struct {
	a     *app
	begun time.Time

	mu     sync.Mutex
	status *sweep.Status
	next   time.Time // when the table is due
	pace   terminal.Pace
}

func newSweepWatch(a *app, st *sweep.Status) *sweepWatch {
	w := &sweepWatch{a: a, status: st, begun: time.Now()}
	w.pace.Add(0, float64(st.Counts.Done))
	return w
}

// tableEvery is the least time between two looks at the directory; it grows with the time that a look takes.
const tableEvery = 2 * time.Second

// follow shows on a terminal what the workers are at, until it is stopped.
func (w *sweepWatch) follow(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var following sync.WaitGroup
	following.Go(func() {
		for wait := w.look(); ; wait = w.look() {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
		}
	})
	return func() {
		cancel()
		following.Wait()
	}
}

// look reads the directory for the terminal, and returns when to look again. What cannot be read now is read at the end.
func (w *sweepWatch) look() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	begin := time.Now()
	if w.a.draws() && w.read() == nil {
		w.show()
	}
	return max(tableEvery, 20*time.Since(begin))
}

// ended is told that a job has ended.
func (w *sweepWatch) ended(string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if now.Before(w.next) {
		return
	}
	if err := w.table(); err != nil {
		w.a.log.Warn("the table is written at the end", "error", err)
	}
	w.next = time.Now().Add(max(tableEvery, 20*time.Since(now)))
	w.show()
}

// show says how many cells are done: a bar on a terminal, elsewhere a line.
func (w *sweepWatch) show() {
	c, elapsed, done := w.status.Counts, time.Since(w.begun), cellsDone(w.status)
	w.pace.Add(elapsed, done)
	if !w.a.draws() {
		fmt.Fprintf(w.a.notes(), "%d of %d cells done, %d failed, %v\n", c.Done, c.Cells, c.Failed, elapsed.Round(time.Second))
		return
	}
	fields := terminal.Fields{fmt.Sprintf("%d of %d cells done", c.Done, c.Cells)}
	if c.Failed > 0 {
		fields = append(fields, fmt.Sprintf("%d failed", c.Failed))
	}
	frame := terminal.Frame{
		append(fields, w.pace.Left(float64(c.Cells-c.Failed)-done)),
		&terminal.Bar{Done: done, Total: float64(c.Cells)},
	}
	const most = 8
	for _, work := range w.status.Running[:min(most, len(w.status.Running))] {
		frame = append(frame, terminal.Fields{work.Job.Name, progressWords(work)})
	}
	w.a.screen.Show(frame)
}

// cellsDone counts the cells that are done, and the shares of those under way.
func cellsDone(st *sweep.Status) float64 {
	done := float64(st.Counts.Done)
	for _, work := range st.Running {
		if p := work.Progress; p.Steps > 0 {
			done += float64(p.Cells) * float64(p.Step) / float64(p.Steps)
		}
	}
	return min(done, float64(st.Counts.Cells))
}

// read reads what is new.
func (w *sweepWatch) read() error {
	st, err := w.status.Status(w.status.Results, nil)
	if err == nil {
		w.status = st
	}
	return err
}

// table reads what is new and writes the table.
func (w *sweepWatch) table() error {
	if err := w.read(); err != nil {
		return err
	}
	return w.status.WriteTable()
}
