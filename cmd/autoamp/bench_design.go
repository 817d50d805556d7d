package main

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"

	"autoamp/bench"
)

// benchDesignCmd is autoamp bench design.
type benchDesignCmd struct {
	deviceFlags
	Points int    `default:"40" help:"Points to draw and train. Default: ${default}." placeholder:"N"`
	Seed   uint64 `default:"1" help:"Seed of the points. Default: ${default}." placeholder:"S"`
	Steps  int    `help:"Optimizer updates of each. Default: as train's." placeholder:"N"`
	Out    string `complete:"dir" help:"Directory for design.md, design.json and the runs; an interrupted design continues there." placeholder:"DIR"`
	JSON   bool   `name:"json" help:"Print one JSON object instead of the table."`
}

// Run trains and writes the table. It also writes the points of an interrupted design.
func (c *benchDesignCmd) Run(ctx context.Context, a *app) error {
	switch {
	case c.Points < 1:
		return usagef("--points = %d: must be at least 1", c.Points)
	case c.Seed < 1:
		return usagef("--seed = %d: must be at least 1", c.Seed)
	case c.Steps < 0:
		return usagef("--steps = %d: must be at least 1", c.Steps)
	}
	exec, err := c.open()
	if err != nil {
		return err
	}
	defer a.release(exec)
	s := bench.DesignSettings{Points: c.Points, Seed: c.Seed, Steps: c.Steps, Executor: exec, Logger: a.runLog()}
	if c.Out != "" {
		if err := makeOut(c.Out); err != nil {
			return err
		}
		s.Dir = filepath.Join(c.Out, "runs")
	}
	defer a.clear()
	s.Progress = newPoints(a, "design", "point").update
	r, err := bench.Design(ctx, s)
	a.clear()
	if len(r.Points) == 0 {
		return c.explain(err)
	}
	return errors.Join(writeTables(a, r, c.Out, "design", c.JSON), c.explain(err))
}

// explain adds the command that continues an interrupted design.
func (c *benchDesignCmd) explain(err error) error {
	if !errors.Is(err, context.Canceled) || c.Out == "" {
		return err
	}
	args := append([]string{"--out", c.Out, "--points", itoa(c.Points), "--seed", strconv.FormatUint(c.Seed, 10)}, c.args()...)
	if c.Steps > 0 {
		args = append(args, "--steps", itoa(c.Steps))
	}
	if c.JSON {
		args = append(args, "--json")
	}
	return &interruptedError{err: err, resume: commandLine("bench design", args)}
}
