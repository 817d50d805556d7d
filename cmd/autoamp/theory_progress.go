package main

import (
	"fmt"
	"time"

	"autoamp/cmd/autoamp/terminal"
)

// points shows the progress of a sweep or a design: a bar on a terminal, elsewhere a line every 30 seconds. A sweep of a second
// shows no progress.
type points struct {
	a     *app
	what  string
	pace  terminal.Pace
	began time.Time
	next  time.Duration // when the bar appears, or the next line is due
}

func newPoints(a *app, what string) *points {
	p := &points{a: a, what: what, began: time.Now(), next: silence}
	if a.screen != nil {
		p.next = time.Second
	}
	return p
}

// update is the Progress of theoryStudy and of bench.Design.
func (p *points) update(done, total int) {
	elapsed := time.Since(p.began)
	p.pace.Add(elapsed, float64(done))
	switch {
	case elapsed < p.next:
	case p.a.screen == nil:
		p.next = elapsed + silence
		fmt.Fprintf(p.a.notes(), "point %d of %d, %v\n", done, total, elapsed.Round(time.Second))
	case p.a.screen.Due():
		fields := terminal.Fields{p.what, fmt.Sprintf("point %d of %d", done, total), p.pace.Rate("points"), p.pace.Left(float64(total - done))}
		p.a.showBar(fields, float64(done), float64(total))
	}
}
