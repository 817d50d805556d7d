package kogler

import (
	"math"
	"testing"

	"autoamp/bench/reproduce"
)

// Sparse Gaussian data, p = 0.2: the numbers of amp/THEORY.md §6.2, and the simulation of a constructed time-sharing encoder at
// d = 400, .77979 ± .0004.
func TestCandidates(t *testing.T) {
	t.Parallel()
	c, err := candidatesAt(&reproduce.Results{}, reproduce.Row{"data": "sparse-gaussian", "p": 0.2, "rate": 0.25, "dim": 400})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name              string
		got, want, within float64
	}{
		{"Haar denoiser", c.haar.limit, 0.7954, 5e-5},
		{"time-sharing", c.share.limit, 0.77508, 1e-5},
		{"time-sharing, d = 400", c.share.finite, 0.77979, 4e-4},
		{"Bayes behind Haar", c.bayes, 0.7869, 5e-5},
		{"share of the coordinates", c.served, 0.25 / 0.52, 0.01},
		{"two iterations", c.layers.limit, 0.7876, 5e-5},
		{"open", c.share.open(), 1.878 / 400 * 2 / 3, 1e-5},
	} {
		if math.Abs(test.got-test.want) > test.within {
			t.Errorf("%s: %.5f, want %.5f", test.name, test.got, test.want)
		}
	}
	if !c.timeShares() || !(c.shareLayers.limit < c.share.limit) || !(c.bayesShare < c.shareLayers.limit) {
		t.Errorf("%+v", c)
	}
	if _, err := candidatesAt(&reproduce.Results{}, reproduce.Row{"data": "sparse-gaussian", "p": 0.2, "rate": 0.25, "dim": 20}); err == nil {
		t.Error("d = 20: no error, where the expansion does not hold")
	}
}

// A share of the coordinates is served at a given error; the others have the error 1.
func TestOnShare(t *testing.T) {
	t.Parallel()
	e := onShare(0.25, reproduce.Estimate{Value: 0.4, Stderr: 0.02, Seeds: 1})
	if math.Abs(e.Value-0.85) > 1e-12 || math.Abs(e.Stderr-0.005) > 1e-12 || e.Seeds != 1 {
		t.Errorf("%+v, want 0.85 ± 0.005 of one seed", e)
	}
}
