package runs

import (
	"maps"
	"math"
	"slices"
)

// Comparison is what two runs differ in.
type Comparison struct {
	A        Run          `json:"a"`
	B        Run          `json:"b"`
	Settings []Difference `json:"settings"` // those that differ, by name
	Results  []Result     `json:"results"`  // by p: those of A, then others of B
	// Varying are the settings that vary in one of two sweeps, and Cells their results: those of A, then others of B.
	Varying []string     `json:"varying,omitempty"`
	Cells   []CellResult `json:"cells,omitempty"`
}

// Difference is a setting of two runs. A text is empty where the setting does not apply.
type Difference struct {
	Key string `json:"key"`
	A   string `json:"a"`
	B   string `json:"b"`
}

// Result is what two runs have reached at one p; null where a run has no such p.
type Result struct {
	P float64 `json:"p"`
	A *Point  `json:"a"`
	B *Point  `json:"b"`
	// Difference is B's error minus A's, and Sigma the same in standard errors of the difference.
	Difference *float64 `json:"difference"`
	Sigma      *float64 `json:"sigma"`
}

// Compare compares two runs.
func Compare(a, b Run) Comparison {
	out := Comparison{A: a, B: b, Settings: []Difference{}, Results: []Result{}}
	keys := map[string]string{}
	maps.Copy(keys, a.Settings)
	maps.Copy(keys, b.Settings)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if x, y := a.Settings[key], b.Settings[key]; x != y {
			out.Settings = append(out.Settings, Difference{key, x, y})
		}
	}
	for i, p := range a.Points {
		out.Results = append(out.Results, newResult(p.P, &a.Points[i], b.at(p.P)))
	}
	for i, p := range b.Points {
		if a.at(p.P) == nil {
			out.Results = append(out.Results, newResult(p.P, nil, &b.Points[i]))
		}
	}
	return out
}

// at is the point of a p, or nil.
func (r Run) at(p float64) *Point {
	for i := range r.Points {
		if r.Points[i].P == p {
			return &r.Points[i]
		}
	}
	return nil
}

func newResult(p float64, a, b *Point) Result {
	r := Result{P: p, A: a, B: b}
	r.Difference, r.Sigma = between(a, b)
	return r
}

// between is the difference of two errors, and the same in its standard errors; nil where one is not known.
func between(a, b *Point) (difference, sigma *float64) {
	if a == nil || b == nil || a.TestMSE == nil || b.TestMSE == nil {
		return nil, nil
	}
	d := *b.TestMSE - *a.TestMSE
	if stderr := math.Hypot(*a.TestMSEStderr, *b.TestMSEStderr); stderr > 0 {
		s := d / stderr
		sigma = &s
	}
	return &d, sigma
}
