package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
)

// sweepStatusCmd is autoamp sweep status.
type sweepStatusCmd struct {
	Dir  string `complete:"dir" arg:"" help:"Directory of the sweep."`
	JSON bool   `name:"json" help:"Print one JSON object."`
}

// Run prints the state of the sweep, and of its tasks at Slurm.
func (c *sweepStatusCmd) Run(ctx context.Context, a *app) error {
	queue := queueOf(ctx, a, c.Dir)
	s, err := openSweep(c.Dir)
	if err != nil {
		return err
	}
	st, err := s.Status(nil, gone(queue))
	if err != nil {
		return err
	}
	tasks := tasksAtSlurm(st, queue)
	if c.JSON {
		report := newStatusReport(st)
		report.Slurm = tasks
		return json.NewEncoder(a.stdout).Encode(report)
	}
	writeStatus(a.stdout, st)
	writeSlurm(a.stdout, tasks)
	return nil
}

// openStatus reads the state of the sweep in a directory.
func openStatus(dir string) (*sweep.Status, error) {
	s, err := openSweep(dir)
	if err != nil {
		return nil, err
	}
	return s.Status(nil, nil)
}

// statusReport is the JSON object of status.
type statusReport struct {
	sweep.Counts
	LeftSeconds float64         `json:"left_seconds"` // of computing on one core
	Jobs        []workReport    `json:"jobs"`         // that run
	Failures    []cells.Failure `json:"failures"`
	Slurm       []slurmTasks    `json:"slurm"` // tasks that are not at work
	Out         string          `json:"out"`
}

type workReport struct {
	Name     string         `json:"name"`
	Holder   cells.Holder   `json:"holder"`
	Progress cells.Progress `json:"progress"`
	Left     float64        `json:"left_seconds"`
}

func newStatusReport(st *sweep.Status) statusReport {
	r := statusReport{Counts: st.Counts, LeftSeconds: st.Left(), Jobs: []workReport{}, Failures: append([]cells.Failure{}, st.Failures...), Out: st.Path}
	for _, w := range st.Running {
		r.Jobs = append(r.Jobs, workReport{w.Job.Name, w.Holder, w.Progress, w.Left.Seconds()})
	}
	return r
}

// mostListed bounds the lines of a kind.
const mostListed = 40

func writeStatus(w io.Writer, st *sweep.Status) {
	fmt.Fprint(w, counted(st.Counts))
	if left := st.Left(); left > 0 && st.Counts.Done < st.Counts.Cells {
		fmt.Fprintf(w, "; about %v of computing are left on one core", rounded(time.Duration(left*float64(time.Second))))
	}
	fmt.Fprintln(w)
	for i, r := range st.Running {
		if i == mostListed {
			fmt.Fprintf(w, "and %d running more\n", len(st.Running)-i)
			break
		}
		fmt.Fprintf(w, "running  %s: %s, %s\n", r.Job.Name, progressWords(r), holderWords(r.Holder))
	}
	for i, f := range st.Failures {
		if i == mostListed {
			fmt.Fprintf(w, "and %d failed more\n", len(st.Failures)-i)
			break
		}
		fmt.Fprintf(w, "failed   %s: %s\n", f.Job, f.Error)
	}
}

func progressWords(r sweep.Work) string {
	p := r.Progress
	if p.Steps == 0 {
		return "since " + rounded(time.Since(r.Began)).String()
	}
	text := fmt.Sprintf("step %d of %d", p.Step, p.Steps)
	if r.Left > 0 {
		text += fmt.Sprintf(", %v left", rounded(r.Left))
	}
	return text
}

func holderWords(h cells.Holder) string {
	text := fmt.Sprintf("process %d on %s", h.PID, h.Host)
	if h.Batch != "" {
		text += ", " + h.Batch
	}
	return text
}

// rounded is a time for people.
func rounded(d time.Duration) time.Duration {
	if d > 10*time.Minute {
		return d.Round(time.Minute)
	}
	return d.Round(time.Second)
}

// sweepGatherCmd is autoamp sweep gather.
type sweepGatherCmd struct {
	Dir  string `complete:"dir" arg:"" help:"Directory of the sweep."`
	JSON bool   `name:"json" help:"Print one JSON object, the summary."`
}

// Run writes the results that are there.
func (c *sweepGatherCmd) Run(_ context.Context, a *app) error {
	st, err := openStatus(c.Dir)
	if err != nil {
		return err
	}
	summary, err := st.Gather()
	if err != nil {
		return err
	}
	return conclude(a, st, summary, c.JSON)
}

// sweepRetryCmd is autoamp sweep retry.
type sweepRetryCmd struct {
	Dir    string `complete:"dir" arg:"" help:"Directory of the sweep."`
	Failed bool   `required:"" help:"The failed cells."`
}

// Run removes the failures. The next launch runs their cells.
func (c *sweepRetryCmd) Run(_ context.Context, a *app) error {
	st, err := openStatus(c.Dir)
	if err != nil {
		return err
	}
	n := st.Counts.Failed
	for _, job := range st.Jobs {
		if f := st.Failure(job.ID); f != nil {
			if err := st.Forgive(job.ID); err != nil {
				return fmt.Errorf("sweep: %w", err)
			}
		}
	}
	if n == 0 {
		fmt.Fprintln(a.stdout, "no cell has failed")
		return nil
	}
	fmt.Fprintf(a.stdout, "%d failed cells wait again; launch them with autoamp sweep FILE --out %s\n", n, c.Dir)
	return nil
}
