package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"autoamp/train/runs"
)

// compareCmd is autoamp compare.
type compareCmd struct {
	A    string `complete:"dir" arg:"" help:"Run directory."`
	B    string `complete:"dir" arg:"" help:"Another."`
	JSON bool   `name:"json" help:"Print one JSON object."`
}

// Help is shown by autoamp compare --help.
func (c *compareCmd) Help() string {
	return `The settings in which two runs differ, and their results at each p. σ is the difference in standard errors.`
}

// Run compares two runs.
func (c *compareCmd) Run(ctx context.Context, a *app) error {
	first, err := runs.One(ctx, c.A)
	if err != nil {
		return err
	}
	second, err := runs.One(ctx, c.B)
	if err != nil {
		return err
	}
	comparison := runs.Compare(first, second)
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(comparison)
	}
	writeComparison(a.stdout, comparison)
	return nil
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

// resultLines are the lines of one p.
func resultLines(r runs.Result) [][]string {
	at := " at p = " + ftoa(r.P)
	trained := []string{"trained ± s.e." + at, "–", "–", "–", "–"}
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
	if r.Difference != nil {
		trained[3] = fmt.Sprintf("%+.2e", *r.Difference)
	}
	if r.Sigma != nil {
		trained[4] = fmt.Sprintf("%+.1f", *r.Sigma)
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
