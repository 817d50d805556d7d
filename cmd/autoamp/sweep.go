package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"runtime"
	"strings"

	"autoamp/datasets/durable"
	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
	"autoamp/train/sweep/local"
)

// sweepCmd is autoamp sweep.
type sweepCmd struct {
	Run      sweepRunCmd      `cmd:"" default:"withargs" help:"Train every point of a grid: the default, autoamp sweep FILE --out DIR."`
	Status   sweepStatusCmd   `cmd:"" help:"Show what is done, running, waiting and failed."`
	Gather   sweepGatherCmd   `cmd:"" help:"Write sweep.csv, summary.json and the figures of what is done."`
	Retry    sweepRetryCmd    `cmd:"" help:"Let failed cells run again."`
	Cancel   sweepCancelCmd   `cmd:"" help:"Stop the workers. They save what they have."`
	Manifest sweepManifestCmd `cmd:"" help:"Print an Indexed Job of Kubernetes."`
	Work     sweepWorkCmd     `cmd:"" hidden:"" help:"Do the work of a task: what launchers start."`
}

// gridFlags name a sweep.
type gridFlags struct {
	File     string `complete:"file" arg:"" help:"The sweep (YAML): base, grid, zip, seeds, where, plot."`
	MaxCells int    `default:"10000" help:"Refuse a file with more cells. Default: ${default}." placeholder:"N"`
}

// sweepRunCmd is autoamp sweep FILE.
type sweepRunCmd struct {
	deviceFlags
	clusterFlags
	gridFlags
	Out      string `complete:"dir" help:"Directory of the results. What is done there already is not done again." placeholder:"DIR"`
	Launcher string `enum:"local,slurm,kubernetes" default:"local" help:"Where to run: local, as processes of this machine; slurm, as an array job; kubernetes, which pods of a manifest call." placeholder:"L"`
	Jobs     *int   `help:"Worker processes; on a cluster, tasks at a time. Default: one for each core, or for each GPU of --device; on a cluster all." placeholder:"N"`
	DryRun   bool   `help:"List cells and programs with their estimated time and memory; run nothing."`
	JSON     bool   `name:"json" help:"Print one JSON object, the last line of standard output."`
}

// Help is shown by autoamp sweep --help.
func (c *sweepRunCmd) Help() string {
	return `FILE names a configuration and the settings that vary:

  base: {model: {name: denoiser, dim: 100}, steps: 5000}
  grid:
    data.p: [0.2, 0.4]
    model.rate: 0.25:1.5:0.25          # from:to:step
  zip:                                 # these go together
    batch: [64, 128]
    optimizer.learning_rate: [1e-3, 3e-3]
  seeds: 5
  where: p < 0.4 or rate <= 1          # other combinations are left out
  plot: {x: rate, series: p, y: test_mse}

DIR/sweep.csv gets a row for every cell, DIR/summary.json the means over seeds. The same command continues; with a value added to
FILE it computes what is new. The exit status is 1 if a cell has failed: the others go on.`
}

// Run trains the cells that are not done.
func (c *sweepRunCmd) Run(ctx context.Context, a *app) error {
	grid, err := c.grid()
	if err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	if c.DryRun {
		return printDryRun(a.stdout, grid, c.replicas(), c.JSON)
	}
	if c.Out == "" {
		return usagef("--out is missing: name a directory, such as --out runs/sweep")
	}
	switch c.Launcher {
	case launcherSlurm:
		return c.slurm(ctx, a, grid)
	case launcherKubernetes:
		return c.kubernetes(ctx, a, grid)
	}
	names, err := c.each()
	if err != nil {
		return err
	}
	s, claim, err := sweep.Begin(c.Out, grid, sweep.Launch{
		Launcher: c.Launcher, Version: revision(), Replicas: c.replicas(), Tasks: 1, Seconds: math.Inf(1),
	})
	if err != nil {
		return err
	}
	defer claim.Release()
	return c.local(ctx, a, s, names)
}

// check refuses flags that do not go together, before anything is written.
func (c *sweepRunCmd) check() error {
	if c.Device == "cpu" {
		if err := c.checkCPU(); err != nil {
			return err
		}
	}
	if _, _, err := shareOut(c.deviceFlags, 1, c.Jobs, 1); err != nil && c.Launcher == launcherLocal {
		return err
	}
	return c.onlyFor(c.Launcher)
}

// grid reads the file.
func (c *gridFlags) grid() (*sweep.Grid, error) {
	if c.MaxCells < 1 {
		return nil, usagef("--max-cells = %d: must be at least 1", c.MaxCells)
	}
	text, err := durable.ReadFile(c.File, maxSweepFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &usageError{err: fmt.Errorf("sweep: %s: there is no such file", c.File), hint: "autoamp sweep --help shows what such a file is"}
	}
	if err != nil {
		return nil, &usageError{err: fmt.Errorf("sweep: %w", err)}
	}
	grid, err := sweep.Load(text, c.MaxCells)
	if err != nil {
		return nil, &usageError{err: fmt.Errorf("%s: %w", c.File, err)}
	}
	return grid, nil
}

// maxSweepFile bounds the file of a sweep, in bytes.
const maxSweepFile = 1 << 20

// replicas is the largest number of cells of a program.
func (c *sweepRunCmd) replicas() int {
	if c.Device != "cpu" {
		return sweep.GPUReplicas
	}
	return sweep.CPUReplicas
}

// shareOut is the number of worker processes for some jobs on some devices, and the threads of each.
func shareOut(f deviceFlags, devices int, wanted *int, jobs int) (workers, threads int, err error) {
	cores := runtime.GOMAXPROCS(0)
	if f.Threads != nil {
		cores = *f.Threads
	}
	workers = cores
	if f.Device != "cpu" {
		workers = devices
	}
	if wanted != nil {
		if workers = *wanted; workers < 1 || workers > maxThreads {
			return 0, 0, usagef("--jobs = %d: must be at least 1 and at most %d; leave it out for one a core", workers, maxThreads)
		}
	}
	workers = max(1, min(workers, jobs))
	return workers, max(1, cores/workers), nil
}

// local runs the sweep on the named devices of this machine, and gathers what has come out.
func (c *sweepRunCmd) local(ctx context.Context, a *app, s *sweep.Sweep, names []string) error {
	before, err := s.Status(nil, nil)
	if err != nil {
		return err
	}
	open := before.Open()
	watch := newSweepWatch(a, before)
	if err := s.Grid.CheckData(open); err != nil {
		return err
	}
	if len(open) > 0 {
		workers, threads, err := shareOut(c.deviceFlags, len(names), c.Jobs, len(open))
		if err != nil {
			return err
		}
		fmt.Fprintf(a.notes(), "%d of %d cells are to be done, in %s by %s\n", before.Counts.Waiting, before.Counts.Cells,
			plural(len(open), "program"), plural(workers, "worker"))
		stop := watch.follow(ctx)
		launcher := local.Launcher{
			Directory: s.Directory, Jobs: s.Jobs, Workers: workers, Ended: watch.ended, Lost: a.lostWorkers,
			Command: localWorker(s.Path, c.deviceFlags, names, threads),
		}
		err = launcher.Run(ctx)
		stop()
		a.clear()
		if err != nil && ctx.Err() == nil {
			return errors.Join(err, watch.table())
		}
	}
	return c.finish(ctx, a, s, watch)
}

// finish gathers and prints the results.
func (c *sweepRunCmd) finish(ctx context.Context, a *app, s *sweep.Sweep, watch *sweepWatch) error {
	after, err := s.Status(watch.status.Results, nil)
	if err != nil {
		return err
	}
	summary, err := after.Gather()
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return &interruptedError{
			err:    fmt.Errorf("sweep: stopped with %d of %d cells done; programs of more than %d s have saved: %w", after.Counts.Done, after.Counts.Cells, sweep.Kept, err),
			resume: commandLine("sweep", c.args()),
		}
	}
	return conclude(a, after, summary, c.JSON)
}

// conclude prints the results, and fails if a cell has.
func conclude(a *app, st *sweep.Status, summary *sweep.Summary, asJSON bool) error {
	if asJSON {
		if err := json.NewEncoder(a.stdout).Encode(summary); err != nil {
			return err
		}
	} else {
		writeSweep(a.stdout, st, summary)
	}
	if n := st.Counts.Failed; n > 0 {
		return &sweepFailedError{cells: n, of: st.Counts.Cells, dir: st.Path, first: st.Failures[0]}
	}
	return nil
}

// sweepFailedError reports cells that have failed.
type sweepFailedError struct {
	cells, of int
	dir       string
	first     cells.Failure
}

func (e *sweepFailedError) Error() string {
	return fmt.Sprintf("sweep: %d of %d cells have failed; the first: %s: %s; autoamp sweep status %s lists them, autoamp sweep retry --failed %s lets them run again",
		e.cells, e.of, e.first.Job, e.first.Error, e.dir, e.dir)
}

// args are the arguments as a command line would repeat them.
func (c *sweepRunCmd) args() []string {
	args := append([]string{c.File, "--out", c.Out}, c.deviceFlags.args()...)
	if c.Jobs != nil {
		args = append(args, "--jobs", itoa(*c.Jobs))
	}
	if c.MaxCells != sweep.MaxCells {
		args = append(args, "--max-cells", itoa(c.MaxCells))
	}
	if c.JSON {
		args = append(args, "--json")
	}
	return args
}

// writeSweep prints the means over seeds beside the theory.
func writeSweep(w io.Writer, st *sweep.Status, s *sweep.Summary) {
	const most = 60
	if len(s.Points) > 0 {
		rows := [][]string{append(st.Settings(), "seeds", "trained ± s.e.", "candidate", "limit", "finite-d theory", "gap")}
		for _, m := range s.Points[:min(len(s.Points), most)] {
			rows = append(rows, append(st.ValuesOf(m), itoa(m.Seeds), fmt.Sprintf("%.4f ± %.4f", m.TestMSE, m.TestMSEStderr), orDash(m.Candidate),
				fourDigits(m.Limit), fourDigits(m.FiniteDim), gap(m.Gap)))
		}
		writeTable(w, rows)
		if more := len(s.Points) - most; more > 0 {
			fmt.Fprintf(w, "and %d more rows\n", more)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s; in %s: %s\n", counted(s.Counts), st.Path, strings.Join(figuresIn(st.Path), ", "))
}

// counted words the number of cells by state.
func counted(c sweep.Counts) string {
	text := fmt.Sprintf("%d of %d cells done", c.Done, c.Cells)
	for _, n := range []struct {
		cells int
		what  string
	}{{c.Failed, "failed"}, {c.Running, "running"}, {c.Waiting, "waiting"}} {
		if n.cells > 0 {
			text += fmt.Sprintf(", %d %s", n.cells, n.what)
		}
	}
	return text
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func fourDigits(x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf("%.4f", *x)
}

// quietLog is a log of warnings and errors of a worker.
func quietLog(a *app) *slog.Logger { return slog.New(warnings{a.log.Handler()}) }

// thisProgram is the path of this program, to start it again.
func thisProgram() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}
