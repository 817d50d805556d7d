package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// points shows the progress of a sweep or a design: a bar on a terminal, elsewhere a line every 30 seconds. A sweep of a second
// shows no progress.
type points struct {
	w     io.Writer
	bar   *progressbar.ProgressBar // nil without a terminal
	began time.Time
	next  time.Duration // when the bar appears, or the next line is due
}

func newPoints(w io.Writer, what string, total int) *points {
	p := &points{w: w, began: time.Now(), next: quiet}
	if f, ok := terminal(w); ok {
		p.next = time.Second
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(f), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetDescription(what), progressbar.OptionSetRenderBlankState(false))
	}
	return p
}

// update is the Progress of theoryStudy and of bench.Design.
func (p *points) update(done, total int) {
	elapsed := time.Since(p.began)
	switch {
	case elapsed < p.next:
	case p.bar != nil:
		_ = p.bar.Set(done) // a terminal that went away is no reason to stop
	default:
		p.next = elapsed + quiet
		fmt.Fprintf(p.w, "point %d of %d, %v\n", done, total, elapsed.Round(time.Second))
	}
}

// done removes the bar. It may be called twice.
func (p *points) done() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
