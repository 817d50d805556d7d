package reproduce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gonum.org/v1/plot/vg"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train"
	"autoamp/train/figure"
)

// Settings configures Run and All.
type Settings struct {
	Params
	Executor graph.Executor
	// Dir is the directory of Suite, or of one experiment for Run.
	Dir string
	// OnlyPlot draws and judges what is there, and computes nothing.
	OnlyPlot bool
	Version  string       // of this program, for the report
	Logger   *slog.Logger // nil means none
	// Progress is told of every cell that begins and returns the callback for its trainings. Nil means nobody is told.
	Progress func(Place) func(train.Progress)
	// Finished is told of every experiment that has ended. Nil means nobody is told.
	Finished func(*Outcome)
}

// Place is where a run is.
type Place struct {
	Experiment, Cell string
	Done, Cells      int // cells of the experiment: done before this one, and all
}

// Outcome is what came of an experiment.
type Outcome struct {
	Experiment *Experiment
	Verdict    *Verdict
	Rows       []Row // of the finished table
	Figures    []Figure
	Cost       *cost
	Settings   []cellSettings
}

// cellSettings is what the report says of a cell.
type cellSettings struct {
	Key      string
	Settings any
}

// Run runs what is not done yet of an experiment, draws its figures and judges it.
//
// Cells that are done are skipped. When ctx is done, the finished cells are stored and the error wraps ctx's. Everything else
// that goes wrong is a verdict with its reason: NotRun for what is missing here, Fail for the rest.
func Run(ctx context.Context, e *Experiment, s Settings) (*Outcome, error) {
	r := &runner{e: e, Settings: s, outcome: &Outcome{Experiment: e}}
	r.outcome.Cost = readCost(r.file(costFile))
	err := r.run(ctx)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return r.outcome, err
	}
	if err != nil {
		r.outcome.Verdict = judge(e, s.Params, nil)
		r.outcome.Verdict.Reason = strings.TrimPrefix(err.Error(), "reproduce: ")
	}
	var missing *NotRunError
	if errors.As(err, &missing) {
		r.outcome.Verdict.Status, r.outcome.Verdict.Reason = NotRun, missing.Reason
	}
	return r.outcome, writeJSON(r.file(verdictFile), r.outcome.Verdict)
}

// runner is an experiment at work.
type runner struct {
	Settings
	e       *Experiment
	cells   []Cell
	keys    []string // of cells
	table   *table
	outcome *Outcome
}

func (r *runner) file(name string) string { return filepath.Join(r.Dir, name) }

func (r *runner) run(ctx context.Context) error {
	if err := os.MkdirAll(r.Dir, 0o777); err != nil {
		return fmt.Errorf("reproduce: %w", err)
	}
	if err := r.declare(); err != nil {
		return err
	}
	var err error
	if r.table, err = readTable(r.file(tableFile), r.e.Columns); err != nil {
		return err
	}
	for i := range r.cells {
		if _, done := r.table.cells[r.keys[i]]; done {
			continue
		}
		if r.OnlyPlot {
			return &NotRunError{fmt.Sprintf("cell %s of %s is not there yet: leave --only-plot out", r.keys[i], r.e.Name)}
		}
		if err := r.cell(ctx, i); err != nil {
			return err
		}
	}
	return r.conclude()
}

// declare lists the cells and their keys.
func (r *runner) declare() error {
	var err error
	if r.cells, err = r.e.Cells(r.Params); err != nil {
		return err
	}
	for i := range r.cells {
		key, err := r.cells[i].key()
		if err != nil {
			return err
		}
		r.keys = append(r.keys, key)
		r.outcome.Settings = append(r.outcome.Settings, cellSettings{key, r.cells[i].Settings})
	}
	return nil
}

// cell runs one cell and stores what it leaves: the matrices, then the rows, which say that it is done.
func (r *runner) cell(ctx context.Context, i int) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("reproduce: %s stopped after %d of %d cells: %w", r.e.Name, i, len(r.cells), err)
	}
	c, begin, computed := r.cells[i], time.Now(), cpuTime()
	env := &Env{Executor: r.Executor, Dir: filepath.Join(r.file(cellsFolder), r.keys[i]), Logger: r.Logger}
	if r.Progress != nil {
		env.Progress = r.Progress(Place{Experiment: r.e.Name, Cell: c.Name, Done: i, Cells: len(r.cells)})
	}
	out, err := c.Run(ctx, env)
	if err != nil {
		return fmt.Errorf("reproduce: %s, cell %s: %w", r.e.Name, c.Name, err)
	}
	for name, m := range out.Matrices {
		if err := matrices(r.file(matricesFolder)).write(name, m); err != nil {
			return err
		}
	}
	r.outcome.Cost.add(r.keys[i], time.Since(begin), cpuTime()-computed, r.Settings)
	err = r.table.put(r.keys[i], out.Rows)
	if err == nil {
		err = errors.Join(writeJSON(r.file(costFile), r.outcome.Cost), r.table.write(r.file(tableFile), r.keys))
	}
	return errors.Join(err, os.RemoveAll(env.Dir))
}

// conclude draws and judges the finished table.
func (r *runner) conclude() error {
	os.Remove(r.file(cellsFolder)) // empty by now, unless a cell of other settings was interrupted
	results := &Results{Params: r.Params, Rows: r.table.rows(r.keys), matrices: matrices(r.file(matricesFolder))}
	r.outcome.Rows = results.Rows
	if r.e.Figures != nil {
		figures, err := r.e.Figures(results)
		if err != nil {
			return fmt.Errorf("reproduce: %s: figures: %w", r.e.Name, err)
		}
		for _, f := range figures {
			if err := r.draw(f); err != nil {
				return err
			}
		}
		r.outcome.Figures = figures
	}
	claims, err := r.e.Claims(results)
	if err != nil {
		return fmt.Errorf("reproduce: %s: claims: %w", r.e.Name, err)
	}
	r.outcome.Verdict = judge(r.e, r.Params, claims)
	return nil
}

// draw writes a figure in every format.
func (r *runner) draw(f Figure) error {
	if f.Width == 0 {
		f.Width, f.Height = 8*vg.Inch, 4.6*vg.Inch
	}
	for _, format := range []figure.Format{figure.SVG, figure.PNG, figure.PDF} {
		file, err := figure.Render(format, f.Width, f.Height, f.Paint)
		if err == nil {
			err = datasets.WriteFile(r.file(f.Name+"."+string(format)), func(w io.Writer) error {
				_, err := w.Write(file)
				return err
			})
		}
		if err != nil {
			return fmt.Errorf("reproduce: %s: %w", f.Name, err)
		}
	}
	return nil
}

// Suite runs experiments one after another, each in a folder of its own, and writes the report. One that fails does not
// keep the others from running: its verdict says why. The error is the context's, that of a directory that is refused, or of a
// disk that is full.
func Suite(ctx context.Context, experiments []*Experiment, s Settings) ([]*Outcome, error) {
	var names []string
	for _, e := range experiments {
		names = append(names, e.Name)
	}
	if err := claimDirectory(s.Dir, manifest{manifestFormat, names, s.Scale, s.Seed}); err != nil {
		return nil, err
	}
	var outcomes []*Outcome
	for _, e := range experiments {
		own := s
		own.Dir = filepath.Join(s.Dir, e.Name)
		outcome, err := Run(ctx, e, own)
		if err != nil {
			return outcomes, err
		}
		outcomes = append(outcomes, outcome)
		if s.Finished != nil {
			s.Finished(outcome)
		}
		if err := writeReport(filepath.Join(s.Dir, reportFile), outcomes, s); err != nil {
			return outcomes, err
		}
	}
	return outcomes, nil
}
