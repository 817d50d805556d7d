package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"

	"autoamp/cmd/autoamp/terminal"
	"autoamp/train"
)

// silence is the time between lines where there is no terminal.
const silence = 30 * time.Second

// clear takes the progress off the terminal.
func (a *app) clear() {
	if a.screen != nil {
		a.screen.Clear()
	}
}

// close leaves the terminal without progress.
func (a *app) close() {
	if a.screen != nil {
		a.screen.Close()
	}
}

// stopping is called after a first interrupt. The progress goes at once, because a second interrupt ends the process.
func (a *app) stopping() {
	if a.screen != nil {
		a.screen.Close()
		fmt.Fprintln(a.stderr, "stopping; a second Ctrl-C ends it at once")
	}
}

// draws reports whether progress is drawn on a terminal. Elsewhere it is lines, also in the background of a terminal.
func (a *app) draws() bool { return a.screen != nil && a.screen.Foreground() }

// show shows fields on a terminal.
func (a *app) show(fields ...string) {
	if a.draws() {
		a.screen.Show(terminal.Frame{terminal.Fields(fields)})
	}
}

// showBar shows fields above a bar on a terminal.
func (a *app) showBar(fields terminal.Fields, done, total float64) {
	a.screen.Show(terminal.Frame{fields, &terminal.Bar{Done: done, Total: total}})
}

// runLog is the log of runs. On a terminal, which shows their progress, it has only the warnings that their results do not repeat.
func (a *app) runLog() *slog.Logger {
	if a.screen != nil {
		return slog.New(unrepeated{warnings{a.log.Handler()}})
	}
	return a.log
}

// unrepeated is a log without what the command prints as well.
type unrepeated struct{ slog.Handler }

// Handle implements slog.Handler.
func (h unrepeated) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == train.MessageInterrupted || r.Message == train.MessageNotConverged {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// progress shows how far a training is: a frame on a terminal, elsewhere a line every 30 seconds.
type progress struct {
	a       *app
	heading terminal.Fields
	pace    terminal.Pace
	curve   terminal.Curve
	row     int           // the newest row of the curve, 0 while the curve is that of the training loss
	next    time.Duration // when the next line is due
}

// newProgress begins the progress of a training, below a heading for the terminal.
func newProgress(a *app, heading ...string) *progress {
	if len(heading) > 0 {
		a.show(heading...)
	}
	return &progress{a: a, heading: heading, pace: terminal.Pace{Window: 10 * time.Second}, next: silence}
}

// update is train.Trainer's Progress.
func (p *progress) update(now train.Progress) {
	p.pace.Add(now.Elapsed, float64(now.Step))
	p.extend(now)
	switch {
	case !p.a.draws():
		p.line(now)
	case p.a.screen.Due():
		p.a.screen.Show(p.frame(now))
	}
}

// line prints a line, where one is due.
func (p *progress) line(now train.Progress) {
	if now.Elapsed < p.next {
		return
	}
	p.next = now.Elapsed + silence
	errors := ""
	if !math.IsNaN(now.TrainMSE) { // a cell that trains nothing has none
		errors += fmt.Sprintf(" train %.4f,", now.TrainMSE)
	}
	if !math.IsNaN(now.TestMSE) {
		errors += fmt.Sprintf(" test %.4f,", now.TestMSE)
	}
	fmt.Fprintf(p.a.notes(), "step %d of %d,%s %v\n", now.Step, now.Steps, errors, now.Elapsed.Round(time.Second))
}

// extend adds to the curve: test errors where rows have them, and the training loss until then.
func (p *progress) extend(now train.Progress) {
	tested := !math.IsNaN(now.TestMSE)
	if p.curve.Total == 0 || tested && p.row == 0 {
		p.curve = terminal.Curve{Total: now.Steps, Floor: floor(now.Points)}
	}
	switch {
	case !tested && p.row == 0:
		p.curve.Add(now.Step, now.TrainMSE)
	case tested && now.TestStep != p.row:
		p.row = now.TestStep
		p.curve.Add(now.TestStep, now.TestMSE)
	}
	p.curve.Reach(now.Step)
}

// floor is the mean of the theory over points; 0 where one has no theory.
func floor(points []train.Point) float64 {
	var mean float64
	for _, point := range points {
		_, theory := reference(point)
		if theory == 0 {
			return 0
		}
		mean += theory / float64(len(points))
	}
	return mean
}

// reference is the theory that an error is compared with, named: at this d, or in the limit where there is none. It is 0 where there
// is no theory.
func reference(p train.Point) (name string, value float64) {
	if p.Expected > 0 {
		return "theory", p.Expected
	}
	return "limit", p.Limit
}

// frame is what a terminal shows.
func (p *progress) frame(now train.Progress) terminal.Frame {
	frame := terminal.Frame{p.heading, p.steps(now)}
	const most = 6
	for _, point := range now.Points[:min(most, len(now.Points))] {
		frame = append(frame, pointFields(point, len(now.Points), now.Replicas/len(now.Points)))
	}
	if more := len(now.Points) - most; more > 0 {
		frame = append(frame, terminal.Fields{fmt.Sprintf("and %d more p", more)})
	}
	curve := p.curve
	return append(frame, &curve)
}

// steps says how far the steps are. The training loss stands for a test error until there is one.
func (p *progress) steps(now train.Progress) terminal.Fields {
	fields := terminal.Fields{fmt.Sprintf("step %d of %d", now.Step, now.Steps), fmt.Sprintf("%d\u00a0%%", 100*now.Step/now.Steps)}
	if now.Step == now.Steps {
		fields = append(fields, "final evaluation")
	} else {
		fields = append(fields, p.pace.Rate("steps"), p.pace.Left(float64(now.Steps-now.Step)))
	}
	if math.IsNaN(now.TestMSE) && !math.IsNaN(now.TrainMSE) {
		fields = append(fields, fmt.Sprintf("training loss %.4f", now.TrainMSE))
	}
	return fields
}

// pointFields is the error at one p beside its theory.
func pointFields(p train.Point, points, seeds int) terminal.Fields {
	var fields terminal.Fields
	if points > 1 {
		fields = append(fields, fmt.Sprintf("p\u00a0%g", p.P))
	}
	if math.IsNaN(p.TestMSE) {
		return nil
	}
	fields = append(fields, "test "+unbroken(trained(p)))
	if seeds > 1 {
		fields = append(fields, fmt.Sprintf("%d seeds", seeds))
	}
	name, value := reference(p)
	if value > 0 {
		distance := p.TestMSE/value - 1
		fields = append(fields, fmt.Sprintf("%s %.4f (%s)", name, value, p.Candidate), "gap "+unbroken(gap(&distance)))
	}
	return slices.Clip(fields)
}

// unbroken keeps a number on one line with its unit or its error.
func unbroken(text string) string {
	return strings.NewReplacer(" ± ", " ±\u00a0", " %", "\u00a0%").Replace(text)
}

// points shows how many of the points of a sweep or a design, or of the rows of a file, are done: a bar on a terminal, elsewhere a line
// every 30 seconds. What takes a second shows no progress.
type points struct {
	a     *app
	what  string
	unit  string // of what is counted, such as point
	pace  terminal.Pace
	began time.Time
	next  time.Duration // when the bar appears, or the next line is due
}

func newPoints(a *app, what, unit string) *points {
	p := &points{a: a, what: what, unit: unit, began: time.Now(), next: silence}
	if a.draws() {
		p.next = time.Second
	}
	return p
}

// update is the Progress of theoryStudy, of bench.Design and of a codec.
func (p *points) update(done, total int) {
	elapsed := time.Since(p.began)
	p.pace.Add(elapsed, float64(done))
	count := fmt.Sprintf("%s %d of %d", p.unit, done, total)
	switch {
	case elapsed < p.next:
	case !p.a.draws():
		p.next = elapsed + silence
		fmt.Fprintf(p.a.notes(), "%s, %v\n", count, elapsed.Round(time.Second))
	case p.a.screen.Due():
		fields := terminal.Fields{p.what, count, p.pace.Rate(p.unit + "s"), p.pace.Left(float64(total - done))}
		p.a.showBar(fields, float64(done), float64(total))
	}
}
