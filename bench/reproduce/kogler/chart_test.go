package kogler

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"autoamp/bench/reproduce"
)

func TestSeedsOf(t *testing.T) {
	t.Parallel()
	row := func(rate float64, dim, seed int) reproduce.Row {
		return reproduce.Row{"model": "denoiser", "p": 0.4, "rate": rate, "dim": dim, "seed": seed}
	}
	for _, test := range []struct {
		rows []reproduce.Row
		want string
	}{
		{[]reproduce.Row{row(1, 100, 1)}, "d = 100 ± s.e."},
		{[]reproduce.Row{row(1, 100, 1), row(1, 100, 2)}, "d = 100, mean of 2 seeds ± s.e."},
		{[]reproduce.Row{row(0.5, 200, 1), row(0.5, 200, 2), row(0.5, 200, 3), row(1, 100, 1), row(1, 100, 2)}, "d = 100 to 200, mean of 2 to 3 seeds ± s.e."},
		{[]reproduce.Row{row(1, 100, 1), row(1, 100, 2), row(1, 100, 1), row(1, 100, 2)}, "d = 100, mean of 2 seeds ± s.e."}, // of two recipes
	} {
		if got := seedsOf(test.rows); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestByEnergy(t *testing.T) {
	t.Parallel()
	got := byEnergy(mat.NewDense(2, 3, []float64{0.1, 2, -3, 0.1, 2, 0}))
	if want := mat.NewDense(2, 3, []float64{-3, 2, 0.1, 0, 2, 0.1}); !mat.Equal(got, want) {
		t.Errorf("%v, want %v", mat.Formatted(got), mat.Formatted(want))
	}
}
