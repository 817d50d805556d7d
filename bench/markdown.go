package bench

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Markdown writes the table for people.
func (r *SuiteResult) Markdown(w io.Writer) error {
	var s strings.Builder
	what := "the denoising sign autoencoder"
	if len(r.Results) > 0 && r.Results[0].model() == "rigamp" {
		what = "the sign autoencoder with two unrolled RI-GAMP iterations"
	}
	fmt.Fprintf(&s, "# Time of a training step\n\n")
	fmt.Fprintf(&s, "One online-SGD step of %s: fresh sparse Gaussian data (p = %g), forward,\n"+
		"backward, Adam; float32, r = 1. Milliseconds per step: median (10th to 90th percentile) over turns that\n"+
		"the contestants took in the same run, and the median relative to autoamp's. In a turn a contestant runs\n"+
		"for about 50 ms again and again, until two successive runs differ by at most %.0f %% or %d ms have passed,\n"+
		"and the last run counts: a start after a pause does not.\n\n", what, r.p(), 100*alike, warmUp.Milliseconds())
	fmt.Fprintf(&s, "%s, %d cores, %s/%s, %s.\n", r.Machine.CPU, r.Machine.Cores, r.Machine.OS, r.Machine.Arch,
		r.Date.Format("2 January 2006"))
	for _, name := range slices.Sorted(maps.Keys(r.Versions)) {
		fmt.Fprintf(&s, "- %s: %s\n", name, r.Versions[name])
	}
	threads := -1
	for i := 0; i < len(r.Results); i += len(Contestants()) {
		row := r.Results[i : i+len(Contestants())]
		if row[0].Threads != threads {
			threads = row[0].Threads
			fmt.Fprintf(&s, "\n## %d %s\n\n| d, batch |", threads, plural(threads, "thread"))
			for _, m := range row {
				fmt.Fprintf(&s, " %s |", m.Contestant)
			}
			fmt.Fprintf(&s, "\n|---|%s\n", strings.Repeat("---|", len(row)))
		}
		fmt.Fprintf(&s, "| %d, %d |", row[0].Dim, row[0].Batch)
		for _, m := range row {
			fmt.Fprintf(&s, " %s |", markdownCell(m))
		}
		s.WriteString("\n")
	}
	if len(r.Replicas) > 0 {
		fmt.Fprintf(&s, "\n## Models side by side, d = batch = 100\n\n| models | threads | ms per step and model | throughput |\n|---|---|---|---|\n")
	}
	for _, m := range r.Replicas {
		fmt.Fprintf(&s, "| %d | %d | %s (%s–%s) | %.2f× |\n", m.Models, m.Threads, digits(m.Ms.Median), digits(m.Ms.P10),
			digits(m.Ms.P90), m.Speedup)
	}
	r.faultsTable(&s)
	for _, reason := range r.absences() {
		fmt.Fprintf(&s, "\n%s\n", reason)
	}
	_, err := io.WriteString(w, s.String())
	return err
}

// p is the share of the data that is not zero.
func (r *SuiteResult) p() float64 {
	if len(r.Results) == 0 {
		return Cell{}.p()
	}
	return r.Results[0].p()
}

// faultsTable shows what allocation costs: a step that asks the system for memory and gives it back faults on every page of it.
func (r *SuiteResult) faultsTable(s *strings.Builder) {
	if !slices.ContainsFunc(r.Results, func(m Measurement) bool { return m.Faults != nil }) {
		return
	}
	fmt.Fprintf(s, "\n## Page faults of a step\n\nEach is a page of memory that the system clears and gives: the price of allocation.\n\n| d, batch, threads |")
	for _, name := range Contestants() {
		fmt.Fprintf(s, " %s |", name)
	}
	fmt.Fprintf(s, "\n|---|%s\n", strings.Repeat("---|", len(Contestants())))
	for row := range slices.Chunk(r.Results, len(Contestants())) {
		fmt.Fprintf(s, "| %d, %d, %d |", row[0].Dim, row[0].Batch, row[0].Threads)
		for _, m := range row {
			if m.Faults == nil {
				s.WriteString(" – |")
				continue
			}
			fmt.Fprintf(s, " %.4g |", *m.Faults)
		}
		s.WriteString("\n")
	}
}

func markdownCell(m Measurement) string {
	if m.Absent != "" {
		return "absent"
	}
	cell := fmt.Sprintf("%s (%s–%s)", digits(m.Ms.Median), digits(m.Ms.P10), digits(m.Ms.P90))
	if m.Contestant != Autoamp && m.Ratio > 0 {
		cell += fmt.Sprintf(", %s×", digits(m.Ratio))
	}
	return cell
}

// milliseconds is a median in three digits.
func milliseconds(m Measurement) string {
	if m.Absent != "" {
		return "absent"
	}
	return digits(m.Ms.Median)
}

// digits writes a positive number with three or four significant digits and no exponent.
func digits(x float64) string {
	decimals := 3
	for limit := 1.0; decimals > 0 && x >= limit; limit *= 10 {
		decimals--
	}
	return strconv.FormatFloat(x, 'f', decimals, 64)
}

// absences lists why contestants are missing, each reason once.
func (r *SuiteResult) absences() []string {
	var reasons []string
	for _, m := range r.Results {
		reason := m.Contestant + " is absent: " + m.Absent
		if m.Absent != "" && !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	return reasons
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
