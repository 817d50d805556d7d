package reproduce

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"autoamp/datasets/durable"
	"autoamp/graph"
	"autoamp/graph/devices"
	"autoamp/train"
	"autoamp/train/sweep/cells"
)

// Settings configures Run and Suite.
type Settings struct {
	Params
	// Devices share the cells: each computes one at a time. A device that fails gives its cell to the others.
	Devices []graph.Executor
	// Dir is the directory of Suite, or of one experiment for Run.
	Dir string
	// Disk makes every change of Dir. Nil means the machine's.
	Disk durable.Disk
	// OnlyPlot draws and judges the finished cells. It runs no cell.
	OnlyPlot bool
	// Gather takes the results of the workers of a Crew in the parent of the experiments' directories. It runs no cell.
	Gather  bool
	Version string       // of this program, for the report
	Logger  *slog.Logger // nil means none
	// Progress is called for every cell that begins and returns the callback for its trainings. Nil means that none is called.
	// Several devices call it, and what it returns, at the same time.
	Progress func(Place) func(train.Progress)
	// Finished is called for every experiment that has ended. Nil means that none is called.
	Finished func(*Outcome)
}

// Place is where a run is.
type Place struct {
	Experiment, Cell string
	Done, Cells      int // cells of the experiment: done before this one, and all
}

// Outcome is the result of an experiment.
type Outcome struct {
	Experiment *Experiment
	Verdict    *Verdict // nil if it did not come that far
	Rows       []Row    // of the finished table
	Figures    []Figure // that were drawn
	Cost       *cost
	// Open counts the cells that are still to be run with other seeds, since claims on them failed: the verdict may change.
	Open     int
	Settings []cellSettings
	svg      [][]byte // of Figures
}

// cellSettings is a cell in the report.
type cellSettings struct {
	Key      string
	Settings any
}

// Run runs the cells of an experiment that are not done yet, draws its figures and judges it.
//
// Cells that are done are skipped. When ctx is done, the finished cells are stored and the error wraps ctx's error. Run returns
// an error of files as an error and not as a verdict; for a damaged file it is a *train.RefusedError. A figure that cannot be
// drawn leaves the verdict as it is. Every other failure is a verdict with its reason: NotRun if a cell needs something that
// this machine lacks, Fail otherwise. Run locks Dir until it returns.
func Run(ctx context.Context, e *Experiment, s Settings) (*Outcome, error) {
	held, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer held.Close()
	s.Disk = held
	return run(ctx, e, s)
}

// run is Run in a directory that is held.
func run(ctx context.Context, e *Experiment, s Settings) (*Outcome, error) {
	r := &runner{e: e, Settings: s, outcome: &Outcome{Experiment: e}}
	r.outcome.Cost = readCost(r.file(costFile), s.log())
	results, err := r.compute(ctx)
	var claims []Claim
	if err == nil {
		claims, err = r.claims(results)
	}
	if err == nil {
		claims, err = r.replicate(ctx, results, claims)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || ofFiles(err) {
		return r.outcome, err
	}
	r.outcome.Verdict = r.judge(claims)
	var missing *NotRunError
	if errors.As(err, &missing) {
		r.outcome.Verdict.Status, r.outcome.Verdict.Reason = NotRun, missing.Reason
	} else if err != nil {
		r.outcome.Verdict.Reason = strings.TrimPrefix(err.Error(), "reproduce: ")
	}
	if err := r.writeVerdict(); err != nil {
		return r.outcome, fmt.Errorf("reproduce: %s: %w", e.Name, err)
	}
	return r.outcome, r.draw(results)
}

// judge is the verdict on claims.
func (r *runner) judge(claims []Claim) *Verdict {
	v := judge(r.e, r.Params, claims)
	v.Again = r.again
	if r.outcome.Open > 0 && r.OnlyPlot {
		v.Reason = fmt.Sprintf("claims failed, and %d cells are to run again with other seeds: %s", r.outcome.Open, r.remedy())
	}
	return v
}

// writeVerdict writes verdict.json. A verdict of an earlier run stays where this run lacks something.
func (r *runner) writeVerdict() error {
	if _, err := os.Stat(r.file(verdictFile)); err == nil && r.outcome.Verdict.Status == NotRun {
		return nil
	}
	return durable.WriteJSON(r.Disk, r.file(verdictFile), r.outcome.Verdict)
}

// runner is an experiment at work.
type runner struct {
	Settings
	e       *Experiment
	cells   []Cell   // of the first run, and then those with other seeds
	keys    []string // of cells
	first   int      // number of cells of the first run
	again   []string // families of cells with other seeds
	table   *cells.Table
	outcome *Outcome
	stored  sync.Mutex // guards table and the cost in outcome while cells are computed
}

func (r *runner) file(name string) string { return filepath.Join(r.Dir, name) }

// compute runs the cells that are not done, and returns the finished table.
func (r *runner) compute(ctx context.Context) (*Results, error) {
	if err := durable.MkdirAll(r.Disk, r.Dir); err != nil {
		return nil, fmt.Errorf("reproduce: %w", err)
	}
	if err := r.declare(); err != nil {
		return nil, err
	}
	if err := r.read(); err != nil {
		return nil, err
	}
	if err := r.work(ctx); err != nil {
		return nil, err
	}
	r.clear()
	var rows []Row
	for i := range r.first {
		rows = append(rows, r.rows(i)...)
	}
	r.outcome.Rows = rows
	return &Results{Params: r.Params, Rows: rows, matrices: matrices(r.file(matricesFolder)), known: &known{}}, nil
}

// work runs the cells of the first run that are not done.
func (r *runner) work(ctx context.Context) error {
	failed := map[string]error{}
	if r.Gather {
		if err := r.gather(failed); err != nil {
			return err
		}
	}
	if i := slices.IndexFunc(r.keys[:r.first], func(key string) bool { return !r.table.Has(key) }); i >= 0 && (r.OnlyPlot || r.Gather) {
		return cmp.Or[error](failed[r.keys[i]], &NotRunError{fmt.Sprintf("cell %s of %s is not there yet: %s", r.keys[i], r.e.Name, r.remedy())})
	}
	return r.runCells(ctx, 0, r.first)
}

// runCells runs those of some cells that are not done.
func (r *runner) runCells(ctx context.Context, from, end int) error {
	err := r.share(ctx, from, r.jobs(from, end))
	if err != nil && err == ctx.Err() { // between two cells
		return fmt.Errorf("reproduce: %s stopped after %d of %d cells: %w", r.e.Name, r.done(), len(r.cells), err)
	}
	return err
}

// share runs jobs, one after another or shared out among the devices. The first one is the cell with the number first.
func (r *runner) share(ctx context.Context, first int, jobs []*cells.Job) error {
	if len(r.Devices) > 1 {
		pool := devices.Pool{Devices: r.Devices, Logger: r.log()}
		return pool.Run(ctx, len(jobs), func(ctx context.Context, i int, exec graph.Executor) error {
			return r.on(ctx, exec, first+i, jobs[i:i+1])
		})
	}
	var exec graph.Executor // nil for experiments that train nothing
	if len(r.Devices) == 1 {
		exec = r.Devices[0]
	}
	return r.on(ctx, exec, first, jobs)
}

// on runs jobs on a device, one after another. The first one is the cell with the number first.
func (r *runner) on(ctx context.Context, exec graph.Executor, first int, jobs []*cells.Job) error {
	worker := cells.Worker{
		Store: tableStore{r}, Release: func(job *cells.Job) { r.release(job.ID) },
		Env:    func(i int, job *cells.Job) *Env { return r.env(exec, first+i, job) },
		Failed: func(_ *cells.Job, _ []cells.Result, err error) error { return err },
	}
	_, err := worker.Work(ctx, jobs)
	return err
}

// remedy is what computes a cell that is not there.
func (r *runner) remedy() string {
	if r.Gather {
		return "its worker has not finished it"
	}
	return "leave --only-plot out"
}

// read removes the files that an earlier process did not finish, and reads the table.
func (r *runner) read() error {
	durable.Sweep(r.Disk, r.Dir)
	durable.Sweep(r.Disk, r.file(matricesFolder))
	table, other, err := readTable(r.file(tableFile), r.e.Columns)
	if other {
		r.log().Warn("the table is from another version and is computed again", "file", r.file(tableFile))
	}
	r.table = table
	return err
}

// declare lists the cells and their keys, with those that an earlier judgement runs again.
func (r *runner) declare() error {
	all, err := r.e.Cells(r.Params)
	if err != nil {
		return err
	}
	if err := r.list(all); err != nil {
		return err
	}
	r.first = len(r.cells)
	return r.declareFresh(storedAgain(r.Dir))
}

// list lists cells behind those that are listed.
func (r *runner) list(more []Cell) error {
	for _, c := range more {
		key, err := c.Key()
		if err != nil {
			return err
		}
		r.cells, r.keys = append(r.cells, c), append(r.keys, key)
		r.outcome.Settings = append(r.outcome.Settings, cellSettings{key, c.Settings})
	}
	return nil
}

func (r *runner) cellDir(key string) string { return filepath.Join(r.file(cellsFolder), key) }

// release removes the folder of a finished cell. A folder that cannot be removed does no harm.
func (r *runner) release(key string) {
	if err := durable.RemoveAll(r.Disk, r.cellDir(key)); err != nil {
		r.log().Warn("the folder of a finished cell stays", "error", err)
	}
}

// clear removes the folders of cells that an earlier process could not remove.
func (r *runner) clear() {
	for _, key := range r.keys {
		r.release(key)
	}
	_ = r.Disk.Remove(r.file(cellsFolder)) // not there, or not empty: a cell of other settings was interrupted
}

func (r *runner) claims(results *Results) ([]Claim, error) {
	claims, err := r.e.Claims(results)
	if err != nil {
		return nil, fmt.Errorf("reproduce: %s: claims: %w", r.e.Name, err)
	}
	return claims, nil
}

// Suite runs experiments one after another, each in a folder of its own, and writes the report. An experiment that fails does
// not keep the others from running. The reason is in its verdict or in Suite's error, which joins the errors of the
// experiments. A directory that is refused, a damaged table, a context that is done and a full disk end the suite at once.
func Suite(ctx context.Context, experiments []*Experiment, s Settings) ([]*Outcome, error) {
	held, err := s.take(manifestOf(experiments, s.Params))
	if err != nil {
		return nil, err
	}
	defer held.Close()
	s.Disk = held
	if err := checkTables(experiments, s.Dir); err != nil {
		return nil, err
	}
	var (
		outcomes []*Outcome
		errs     []error
	)
	for _, e := range experiments {
		own := s
		own.Dir = filepath.Join(s.Dir, e.Name)
		outcome, err := run(ctx, e, own)
		errs = append(errs, err)
		if outcome.Verdict != nil {
			outcomes = append(outcomes, outcome)
			if s.Finished != nil {
				s.Finished(outcome)
			}
		}
		if ctx.Err() != nil && err != nil || ofMachine(err) {
			break
		}
		if err := writeReport(filepath.Join(s.Dir, reportFile), outcomes, s); err != nil {
			errs = append(errs, fmt.Errorf("reproduce: report: %w", err))
			break
		}
	}
	return outcomes, errors.Join(errs...)
}

// checkTables refuses a directory with a damaged table before any cell runs.
func checkTables(experiments []*Experiment, dir string) error {
	for _, e := range experiments {
		if _, _, err := readTable(filepath.Join(dir, e.Name, tableFile), e.Columns); err != nil {
			return err
		}
	}
	return nil
}
