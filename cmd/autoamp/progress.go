package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"autoamp/train"
)

// quiet is the time between lines where there is no terminal.
const quiet = 30 * time.Second

// progress shows how far a run is: a bar on a terminal, elsewhere a line every 30 seconds.
type progress struct {
	w     io.Writer
	bar   *progressbar.ProgressBar // nil without a terminal
	steps int
	next  time.Duration // when the next line is due
}

func newProgress(w io.Writer, c train.Config) *progress {
	p := &progress{w: w, steps: c.Steps, next: quiet}
	if f, ok := terminal(w); ok {
		p.bar = progressbar.NewOptions(c.Steps,
			progressbar.OptionSetWriter(f), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	return p
}

// update is train.Trainer's Progress.
func (p *progress) update(now train.Progress) {
	switch {
	case p.bar != nil:
		p.bar.Describe(fmt.Sprintf("train %.4f test %.4f", now.TrainMSE, now.TestMSE))
		_ = p.bar.Set(now.Step) // a terminal that went away is no reason to stop training
	case now.Elapsed >= p.next:
		p.next = now.Elapsed + quiet
		fmt.Fprintf(p.w, "step %d of %d, train %.4f, test %.4f, %v\n",
			now.Step, now.Steps, now.TrainMSE, now.TestMSE, now.Elapsed.Round(time.Second))
	}
}

// done removes the bar. It may be called twice.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
