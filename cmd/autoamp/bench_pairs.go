package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"

	"autoamp/bench"
)

// pair times the step in this program and in that of --against, in turns.
func (c *benchStepCmd) pair(ctx context.Context, a *app) error {
	if c.Pairs < 1 {
		return usagef("--pairs = %d: must be at least 1", c.Pairs)
	}
	against, err := exec.LookPath(c.Against)
	if err != nil {
		return usagef("--against = %s: must be a program to run: %w", c.Against, err)
	}
	this, err := os.Executable()
	if err != nil {
		return err
	}
	shown := newPoints(a, "bench step", "pair")
	r, err := bench.Pair(ctx, this, against, append([]string{"bench", "step", "--json"}, c.args()...), c.Pairs, shown.update)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(r)
	}
	writePairs(a.stdout, r)
	return nil
}

// args are the flags of the step as a command line would repeat them.
func (c *benchStepCmd) args() []string {
	return append(c.deviceFlags.args(), "--model", c.Model, "--dim", itoa(c.Dim), "--batch", itoa(c.Batch), "--rate", ftoa(c.Rate),
		"--data", c.Data, "--p", ftoa(c.P), "--replicas", itoa(c.Replicas), "--repetitions", itoa(c.Repetitions))
}

func writePairs(w io.Writer, r *bench.StepPairs) {
	fmt.Fprintf(w, "%s\n\n", stepTitle(&r.This.Last))
	rows := [][]string{{"", "ms per step", "p10", "p90", "program", "device"}}
	for _, p := range []struct {
		name string
		bench.StepInTurn
	}{{"this", r.This}, {"against", r.Against}} {
		rows = append(rows, []string{p.name, fmt.Sprintf("%.4f", p.Ms.Median), fmt.Sprintf("%.4f", p.Ms.P10), fmt.Sprintf("%.4f", p.Ms.P90),
			p.Program, p.Last.Device})
	}
	writeTable(w, rows)
	fmt.Fprintf(w, "\nagainst takes %.3f times as long as this: the median of %s; quartiles %.3f and %.3f\n",
		r.Ratio.Median, plural(r.Pairs, "pair"), r.Ratio.P25, r.Ratio.P75)
}
