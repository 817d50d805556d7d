package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"autoamp/train"
)

// result is a run and its outcome.
type result struct {
	config  train.Config
	summary *train.Summary
}

// writeResults prints the trained errors beside the theory's, a row for every p.
func writeResults(w io.Writer, results []result) {
	rows := [][]string{{"model", "data", "p", "d", "rate", "trained ± s.e.", "candidate", "limit", "finite-d theory", "gap"}}
	for _, r := range results {
		m := r.config.Model
		for _, point := range r.summary.Points {
			rows = append(rows, []string{
				m.Name, r.config.Data.Label(), ftoa(point.P), itoa(m.Dim), fmt.Sprintf("%.6g", codeRate(m)),
				trained(point), cmp.Or(point.Candidate, "–"),
				theoryCell(point, point.Limit), finiteCell(point), gap(point.Gap),
			})
		}
	}
	writeTable(w, rows)
	for _, r := range results {
		writeNotes(w, r)
		writeDataSet(w, r.summary)
	}
}

// codeRate is n/d, the rate of the theory.
func codeRate(m train.ModelConfig) float64 { return float64(m.Code()) / float64(m.Dim) }

// writeNotes notes a rate that differs from the requested rate, the reason for a missing theory at finite d, and what has not
// converged.
func writeNotes(w io.Writer, r result) {
	var notes []string
	m := r.config.Model
	if rate := codeRate(m); math.Abs(rate-m.Rate) > 1e-9*m.Rate {
		notes = append(notes, fmt.Sprintf("rate %s was asked for: n = round(rate·d) = %d bits have the rate n/d = %.6g, which the theory is for",
			ftoa(m.Rate), m.Code(), rate))
	}
	for _, p := range r.summary.Points {
		if t := p.Theory; t != nil && p.Expected == 0 {
			notes = append(notes, fmt.Sprintf("p = %s: %s", ftoa(p.P), cmp.Or(t.FiniteDimNote, "no theory at finite d of the candidate "+p.Candidate)))
		}
	}
	for _, p := range r.summary.Points {
		if p.Converged != nil && !*p.Converged {
			notes = append(notes, fmt.Sprintf("p = %s: not converged: %s; %s", ftoa(p.P), p.Reason, p.Advice))
		}
	}
	if len(notes) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(notes, "\n"))
	}
}

// finiteCell is the error that the theory gives at finite d, where it gives one.
func finiteCell(p train.Point) string {
	if p.Expected == 0 {
		return "–"
	}
	return theoryCell(p, p.Expected)
}

// writeDataSet prints, for a run on a data set, the error on training rows, and how far held-out
// rows are from them.
func writeDataSet(w io.Writer, s *train.Summary) {
	if s.Data == nil {
		return
	}
	fmt.Fprintf(w, "\n%d training rows, mean square %.4f; %d held-out rows, mean square %.4f\n",
		s.Data.TrainingRows, s.Data.TrainingSquare, s.Data.TestRows, s.Data.TestSquare)
	for _, p := range s.Points {
		fmt.Fprintf(w, "p = %g: on training rows %.4f, %+.2f %% from the theory\n", p.P, p.TrainMSE, 100*(p.TrainMSE/p.Expected-1))
	}
}

// trained is the error of a point with its standard error.
func trained(p train.Point) string { return errorCell(p.TestMSE, p.TestMSEStderr) }

// errorCell is an error with its standard error. Data of little energy get more digits, a run that blew up gets fewer.
func errorCell(mse, stderr float64) string {
	if mse < 0.01 || mse >= 1e4 {
		return fmt.Sprintf("%.3e ± %.0e", mse, stderr)
	}
	return fmt.Sprintf("%.4f ± %.4f", mse, stderr)
}

// theoryCell is a number of the theory, where there is one.
func theoryCell(p train.Point, x float64) string {
	if p.Theory == nil {
		return "–"
	}
	return fmt.Sprintf("%.4f", x)
}

// gap is the relative distance of the trained error from the finite-d theory.
func gap(g *float64) string {
	if g == nil {
		return "–"
	}
	if math.Abs(*g) >= 1e3 {
		return fmt.Sprintf("%+.1e %%", 100**g)
	}
	return fmt.Sprintf("%+.2f %%", 100**g)
}

// writeTable prints rows with aligned columns, the first row above a line.
func writeTable(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for i, row := range rows {
		fmt.Fprintln(w, strings.TrimRight(tableLine(row, widths, " "), " "))
		if i == 0 {
			fmt.Fprintln(w, tableLine(make([]string, len(row)), widths, "─"))
		}
	}
}

// tableLine joins cells, each filled up to its column's width.
func tableLine(row []string, widths []int, fill string) string {
	cells := make([]string, len(row))
	for i, cell := range row {
		cells[i] = cell + strings.Repeat(fill, widths[i]-utf8.RuneCountInString(cell))
	}
	return strings.Join(cells, "  ")
}
