package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"

	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/rundir"
)

// trainCmd is autoamp train.
type trainCmd struct {
	configFlags
	deviceFlags

	Out    string `complete:"dir" group:"run" help:"Run directory, made if it does not exist." placeholder:"DIR"`
	Resume bool   `group:"run" help:"Continue the run in --out from its newest checkpoint; begin it if there is none."`
	Serve  bool   `group:"run" help:"Show the run in a browser while it trains, as autoamp serve does; the address goes to standard error."`
	JSON   bool   `group:"run" name:"json" help:"Print the result as one JSON object, the last line of standard output."`

	PrintConfig  bool `group:"print" xor:"print" help:"Print the resolved configuration as YAML."`
	PrintProgram bool `group:"print" xor:"print" help:"Print the compiled programs."`
	PrintGraph   bool `group:"print" xor:"print" help:"Print gorgonia's graph, gradients included, as DOT."`
}

// Help is shown by autoamp train --help.
func (c *trainCmd) Help() string {
	return `A flag is stronger than --set, --set than --config, and --config than the defaults. Lists of p
and of seeds train side by side, one model for each pair. SIGINT, SIGTERM, SIGUSR1 and
SIGHUP (but under nohup) finish the step, save a checkpoint and exit with status 130.`
}

// Run trains. With --print-config, --print-program or --print-graph it prints instead.
func (c *trainCmd) Run(ctx context.Context, a *app) error {
	config, err := c.config(func(overrides ...string) (train.Config, error) { return c.load(ctx, overrides...) })
	if err != nil {
		return err
	}
	switch {
	case config.Alternating() && (c.PrintProgram || c.PrintGraph):
		return usagef("--algorithm = gd-min: runs no program and no graph; leave out --print-program and --print-graph")
	case c.PrintConfig:
		return printConfig(a.stdout, config)
	case c.PrintProgram:
		return printPrograms(a.stdout, config)
	case c.PrintGraph:
		return printGraph(a.stdout, config)
	case c.Out == "":
		return usagef("--out is missing: name a directory for the run, such as --out runs/first")
	}
	if config.Alternating() && c.Device != "cpu" {
		return usagef("--algorithm = gd-min: runs on the CPU; leave out --device")
	}
	if config.Alternating() && c.Threads != nil {
		runtime.GOMAXPROCS(*c.Threads)
	}
	exec, err := c.open()
	if err != nil {
		return err
	}
	defer a.release(exec)
	if c.Serve {
		stop, err := a.serveRun(ctx, c.Out)
		if err != nil {
			return err
		}
		defer stop()
	}
	a.show("preparing data, theory and weights")
	defer a.clear()
	trainer := train.Trainer{
		Config: config, Executor: exec, Dir: c.Out, Resume: c.Resume,
		Logger: a.runLog(), Progress: newProgress(a).update,
	}
	summary, err := trainer.Run(ctx)
	a.clear()
	if err != nil {
		return c.explain(err)
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(summary)
	}
	writeResults(a.stdout, []result{{config, summary}})
	fmt.Fprintf(a.stdout, "\nin %s: %s\n", c.Out, strings.Join(figuresIn(c.Out), ", "))
	return nil
}

// load reads the configuration to start from: --config, the configuration of the run to resume, or an empty one.
func (c *trainCmd) load(ctx context.Context, overrides ...string) (train.Config, error) {
	switch {
	case c.Config != "":
		return config.LoadContext(ctx, c.Config, overrides...)
	case c.Resume && c.Out != "":
		stored, err := rundir.LoadRun(c.Out, overrides...)
		if !errors.Is(err, fs.ErrNotExist) {
			return stored, err
		}
	}
	return defaults(overrides...)
}

// explain adds the next step for the user to an error of a run.
func (c *trainCmd) explain(err error) error {
	var refused *train.RefusedError // a refused run has written no checkpoint to continue
	switch {
	case errors.Is(err, context.Canceled) && !errors.As(err, &refused):
		return &interruptedError{err: err, resume: c.resumeCommand()}
	case errors.Is(err, rundir.ErrConfigMismatch):
		return &usageError{err: err, hint: "continue that run with: " + c.resumeCommand()}
	}
	return err
}

// resumeCommand continues the run. The configuration is in the run directory.
func (c *trainCmd) resumeCommand() string {
	args := append([]string{"--resume", "--out", c.Out}, c.args()...)
	if c.JSON {
		args = append(args, "--json")
	}
	return commandLine("train", args)
}

// figuresIn lists the figures, the tables, the summary and the page in a run directory.
func figuresIn(dir string) []string {
	var names []string
	for _, pattern := range []string{"*.svg", "*.png", "*.csv", "summary.json", "report.html"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern)) // the patterns are well formed
		for _, path := range found {
			names = append(names, filepath.Base(path))
		}
	}
	return names
}
