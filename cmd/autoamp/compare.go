package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"autoamp/train/runs"
)

// compareCmd is autoamp compare.
type compareCmd struct {
	A    string `complete:"dir" arg:"" help:"Directory of a run or a sweep."`
	B    string `complete:"dir" arg:"" help:"Another."`
	JSON bool   `name:"json" help:"Print one JSON object."`
}

// Help is shown by autoamp compare --help.
func (c *compareCmd) Help() string {
	return `The settings in which two runs differ, and their results at each p. Of two sweeps, the means over seeds at the settings that vary in
either. σ is the difference in standard errors.`
}

// Run compares two runs.
func (c *compareCmd) Run(ctx context.Context, a *app) error {
	if err := refuseReproduction(c.A, c.B); err != nil {
		return err
	}
	first, err := runs.One(ctx, c.A)
	if err != nil {
		return err
	}
	second, err := runs.One(ctx, c.B)
	if err != nil {
		return err
	}
	comparison, err := compared(first, second)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(comparison)
	}
	writeComparison(a.stdout, comparison)
	return nil
}

// compared compares two runs, or two sweeps by their cells.
func compared(a, b runs.Run) (runs.Comparison, error) {
	if a.Kind == runs.Sweep && b.Kind == runs.Sweep && a.State != runs.Damaged && b.State != runs.Damaged {
		return runs.CompareSweeps(a, b)
	}
	return runs.Compare(a, b), nil
}

// writeComparison prints the settings that differ above the results.
func writeComparison(w io.Writer, c runs.Comparison) {
	settings := [][]string{{"setting", c.A.Dir, c.B.Dir}}
	for _, s := range c.Settings {
		settings = append(settings, []string{s.Key, cmp.Or(s.A, "–"), cmp.Or(s.B, "–")})
	}
	if len(c.Settings) == 0 {
		settings = append(settings, []string{"all", "the same", "the same"})
	}
	writeTable(w, settings)
	fmt.Fprintln(w)
	if len(c.Cells) > 0 {
		writeCells(w, c)
	}
	results := [][]string{{"result", c.A.Dir, c.B.Dir, "difference", "σ"}}
	for _, r := range c.Results {
		results = append(results, resultLines(r)...)
	}
	results = append(results,
		[]string{"state", string(c.A.State), string(c.B.State)},
		[]string{"step", stepCell(c.A), stepCell(c.B)},
		[]string{"seconds", secondsCell(c.A), secondsCell(c.B)})
	writeTable(w, square(results))
	for _, r := range []runs.Run{c.A, c.B} {
		if r.Reason != "" {
			fmt.Fprintf(w, "\n%s: %s: %s\n", r.Dir, r.State, r.Reason)
		}
	}
}

// writeCells prints the means of two sweeps side by side.
func writeCells(w io.Writer, c runs.Comparison) {
	const most = 60
	rows := [][]string{append(slices.Clone(c.Varying), c.A.Dir, c.B.Dir, "difference", "σ")}
	for _, r := range c.Cells[:min(len(c.Cells), most)] {
		var row []string
		for _, key := range c.Varying {
			row = append(row, r.Settings[key])
		}
		for _, p := range []*runs.Point{r.A, r.B} {
			if p == nil {
				row = append(row, "–")
				continue
			}
			row = append(row, errorCell(*p.TestMSE, *p.TestMSEStderr))
		}
		rows = append(rows, append(row, differenceCells(r.Difference, r.Sigma)...))
	}
	writeTable(w, rows)
	if more := len(c.Cells) - most; more > 0 {
		fmt.Fprintf(w, "and %d more; --json lists them all\n", more)
	}
	fmt.Fprintln(w)
}

// differenceCells are a difference, and the same in standard errors.
func differenceCells(difference, sigma *float64) []string {
	cells := []string{"–", "–"}
	if difference != nil {
		cells[0] = fmt.Sprintf("%+.2e", *difference)
	}
	if sigma != nil {
		cells[1] = fmt.Sprintf("%+.1f", *sigma)
	}
	return cells
}

// resultLines are the lines of one p.
func resultLines(r runs.Result) [][]string {
	at := " at p = " + ftoa(r.P)
	trained := append([]string{"trained ± s.e." + at, "–", "–"}, differenceCells(r.Difference, r.Sigma)...)
	theory := []string{"finite-d theory" + at, "–", "–"}
	gaps := []string{"gap" + at, "–", "–"}
	for i, p := range []*runs.Point{r.A, r.B} {
		if p == nil {
			continue
		}
		if p.TestMSE != nil {
			trained[1+i] = errorCell(*p.TestMSE, *p.TestMSEStderr)
		}
		theory[1+i], gaps[1+i] = fixed(p.FiniteD), gap(p.Gap)
	}
	return [][]string{trained, theory, gaps}
}

// square fills rows with empty cells up to the length of the first.
func square(rows [][]string) [][]string {
	for i := range rows {
		for len(rows[i]) < len(rows[0]) {
			rows[i] = append(rows[i], "")
		}
	}
	return rows
}

func stepCell(r runs.Run) string { return fmt.Sprintf("%d/%d", r.Step, r.Steps) }

func secondsCell(r runs.Run) string {
	if r.WallS == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", r.WallS)
}
