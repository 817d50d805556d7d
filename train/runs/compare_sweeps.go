package runs

import (
	"fmt"
	"slices"
	"strings"

	"autoamp/train/sweep"
)

// CellResult is what two sweeps have reached at the same settings, in the mean over their seeds; null where a sweep has no such cells
// that are done.
type CellResult struct {
	Settings   map[string]string `json:"settings"` // those that vary in either sweep
	A          *Point            `json:"a"`
	B          *Point            `json:"b"`
	Difference *float64          `json:"difference"` // as in Result
	Sigma      *float64          `json:"sigma"`
}

// CompareSweeps is Compare of the sweeps in two directories. Cells belong together if they have the same values of all settings that
// vary in one of the sweeps, but for the seeds.
func CompareSweeps(a, b Run) (Comparison, error) {
	out := Compare(a, b)
	out.Results = []Result{}
	first, err := openStatus(a.Dir)
	if err != nil {
		return out, err
	}
	second, err := openStatus(b.Dir)
	if err != nil {
		return out, err
	}
	out.Varying = first.Varying()
	for _, key := range second.Varying() {
		if !slices.Contains(out.Varying, key) {
			out.Varying = append(out.Varying, key)
		}
	}
	out.Cells = cellResults(means(first, out.Varying), means(second, out.Varying))
	return out, nil
}

func openStatus(dir string) (*sweep.Status, error) {
	s, err := sweep.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("runs: %w", err)
	}
	return s.Status(nil, nil)
}

// mean is a point of a sweep with its settings.
type mean struct {
	settings map[string]string
	id       string
	point    Point
}

// means are the means over seeds, with the values of some settings.
func means(st *sweep.Status, keys []string) []mean {
	var out []mean
	for _, m := range st.Summarise().Points {
		one := mean{settings: map[string]string{}, point: Point{
			TestMSE: &m.TestMSE, TestMSEStderr: &m.TestMSEStderr, Candidate: m.Candidate, Limit: m.Limit, FiniteD: m.FiniteDim, Gap: m.Gap,
		}}
		one.point.P, _ = m.Settings["p"].(float64) // every mean has it
		var texts []string
		for _, key := range keys {
			one.settings[key] = st.ValueOf(m, key)
			texts = append(texts, one.settings[key])
		}
		one.id = strings.Join(texts, "\x00")
		out = append(out, one)
	}
	return out
}

// cellResults joins the means of two sweeps: those of the first in their order, then others of the second.
func cellResults(a, b []mean) []CellResult {
	at := map[string]*mean{}
	for i := range b {
		at[b[i].id] = &b[i]
	}
	out := []CellResult{}
	seen := map[string]bool{}
	for i := range a {
		r := CellResult{Settings: a[i].settings, A: &a[i].point}
		if other, ok := at[a[i].id]; ok {
			r.B = &other.point
			seen[a[i].id] = true
		}
		r.Difference, r.Sigma = between(r.A, r.B)
		out = append(out, r)
	}
	for i := range b {
		if !seen[b[i].id] {
			out = append(out, CellResult{Settings: b[i].settings, B: &b[i].point})
		}
	}
	return out
}
