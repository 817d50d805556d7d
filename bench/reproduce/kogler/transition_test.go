package kogler

import (
	"math"
	"testing"

	"autoamp/bench/reproduce"
)

// The share passes one half between 0.5 and 0.52, three quarters of the way; rows come in any order, and a dip above does not count.
func TestCrossing(t *testing.T) {
	t.Parallel()
	rows := func(shares map[float64]float64) (rows []reproduce.Row) {
		for p, share := range shares {
			rows = append(rows, reproduce.Row{"p": p, "permutation_rows": share})
		}
		return rows
	}
	if got := crossing(rows(map[float64]float64{0.48: 0.1, 0.5: 0.2, 0.52: 0.6, 0.54: 0.9, 0.7: 1})); math.Abs(got-0.515) > 1e-12 {
		t.Errorf("crossing at %g, want 0.515", got)
	}
	for name, shares := range map[string]map[float64]float64{"all above": {0.5: 0.6, 0.6: 1}, "all below": {0.5: 0, 0.6: 0.4}} {
		if got := crossing(rows(shares)); !math.IsNaN(got) {
			t.Errorf("%s: crossing at %g, want NaN", name, got)
		}
	}
}
