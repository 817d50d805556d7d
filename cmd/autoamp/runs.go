package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"autoamp/train/runs"
)

// runsCmd is autoamp runs.
type runsCmd struct {
	Dir   []string `complete:"dir" arg:"" optional:"" help:"Folders to look in. Default: the working directory."`
	Sort  string   `complete:"@fields" help:"Sort by a field: --sort test_mse, or --sort=-test_mse for descending. Default: by directory." placeholder:"FIELD"`
	Where []string `complete:"@conditions" sep:"none" help:"Only rows with a value: --where 'p=0.4 and d>100'. Repeatable, and all must hold; also !=, <, <=, >, >=, and or. Fields are those of --json, and settings such as optimizer.learning_rate." placeholder:"FIELD=VALUE"`
	JSON  bool     `name:"json" help:"Print one JSON object."`
}

// Help is shown by autoamp runs --help.
func (c *runsCmd) Help() string {
	return `Every run below the folders, a line for each p, and every sweep, with the settings that its cells share. Nothing is written, and runs at work are not disturbed. Of a run that is
not finished, the error is that of its newest evaluation. age is the time since it last wrote something. The state is running,
finished, interrupted (--resume continues it), waiting (a sweep), failed or damaged, with the reason below the table.`
}

// Run lists runs.
func (c *runsCmd) Run(ctx context.Context, a *app) error {
	conditions, err := c.conditions()
	if err != nil {
		return err
	}
	dirs := c.Dir
	if len(dirs) == 0 {
		dirs = []string{"."}
	}
	places, err := runs.Find(ctx, dirs...)
	if err != nil {
		return err
	}
	if len(places) == 0 {
		if err := refuseReproduction(dirs...); err != nil {
			return err
		}
	}
	rows := runs.Rows(runs.Read(ctx, places), time.Now())
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("runs: stopped: %w", err)
	}
	for _, condition := range conditions {
		rows = condition.Select(rows)
	}
	if c.Sort != "" {
		if err := runs.Sort(rows, c.Sort); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(map[string][]runs.Row{"runs": rows})
	}
	writeRuns(a.stdout, rows)
	return nil
}

// conditions reads --where, and checks --sort.
func (c *runsCmd) conditions() ([]runs.Condition, error) {
	if c.Sort != "" {
		if err := runs.Sort(nil, c.Sort); err != nil {
			return nil, usagef("--%w", err)
		}
	}
	var out []runs.Condition
	for _, text := range c.Where {
		condition, err := runs.ParseCondition(text)
		if err != nil {
			return nil, usagef("--%w", err)
		}
		out = append(out, condition)
	}
	return out, nil
}

// writeRuns prints rows as a table, and below it why runs failed or cannot be read.
func writeRuns(w io.Writer, rows []runs.Row) {
	if len(rows) == 0 {
		fmt.Fprintln(w, "no runs")
		return
	}
	table := [][]string{{"run", "model", "data", "p", "d", "rate", "trained ± s.e.", "limit", "finite-d theory", "gap", "state", "step", "age"}}
	var reasons []string
	for _, r := range rows {
		table = append(table, runsLine(r))
		if reason := fmt.Sprintf("%s: %s: %s", r.Dir, r.State, r.Reason); r.Reason != "" &&
			(len(reasons) == 0 || reasons[len(reasons)-1] != reason) {
			reasons = append(reasons, reason)
		}
	}
	writeTable(w, table)
	for i, reason := range reasons {
		if i == 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, reason)
	}
}

// runsLine is a line of the table.
func runsLine(r runs.Row) []string {
	const none = "–"
	line := []string{r.Dir, cmp.Or(r.Model, none), cmp.Or(r.Data, none), none, none, none, trainedCell(r),
		fixed(r.Limit), fixed(r.FiniteD), gap(r.Gap), string(r.State), none, age(r.AgeS)}
	if r.P != nil {
		line[3] = ftoa(*r.P)
	}
	if r.D > 0 {
		line[4] = itoa(r.D)
	}
	if r.Rate > 0 {
		line[5] = fmt.Sprintf("%.6g", r.Rate)
	}
	if r.Steps > 0 {
		line[11] = fmt.Sprintf("%d/%d", r.Step, r.Steps)
	}
	if r.Kind == runs.Sweep {
		line[11] += " cells"
	}
	return line
}

// trainedCell is the trained error with its standard error, where there is one.
func trainedCell(r runs.Row) string {
	if r.TestMSE == nil {
		return "–"
	}
	return errorCell(*r.TestMSE, *r.TestMSEStderr)
}

// fixed is a number of the theory, where there is one.
func fixed(x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf("%.4f", *x)
}

// age writes a number of seconds in its largest unit.
func age(seconds float64) string {
	switch s := time.Duration(seconds * float64(time.Second)); {
	case s < 2*time.Minute:
		return fmt.Sprintf("%.0f s", s.Seconds())
	case s < 2*time.Hour:
		return fmt.Sprintf("%.0f min", s.Minutes())
	case s < 48*time.Hour:
		return fmt.Sprintf("%.0f h", s.Hours())
	default:
		return fmt.Sprintf("%.0f d", s.Hours()/24)
	}
}
