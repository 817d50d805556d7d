package rangamani

import (
	"math"
	"testing"

	"autoamp/bench/reproduce"
)

// TestAverageLoss compares the average over dictionaries and lines with the net beside 12 dictionaries, at a support of one and of
// three, with and without a bias.
func TestAverageLoss(t *testing.T) {
	t.Parallel()
	exec := executor(t)
	ts := []float64{0, 0.3, 1}
	for _, s := range []setting{
		{H: 60, P: 0.01, Dim: 40, Prefactor: 0.1, Samples: 500}, {H: 60, P: 0.28, Dim: 40, Prefactor: 0.2, Samples: 500},
	} {
		var rows []reproduce.Row
		for seed := range uint64(12) {
			s.Seed = seed
			lines, err := s.lines(t.Context(), exec, 1, ts)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lines {
				rows = append(rows, reproduce.Row{"seed": seed, "t": line.T, "loss": line.Loss})
			}
		}
		for i, want := range s.averageLosses(ts, 2000, 1) {
			got := reproduce.Mean(reproduce.Where(rows, "t", ts[i]), "loss", "")
			if math.Abs(got.Value-want) > 4*got.Stderr+0.01*want {
				t.Errorf("p = %g, t = %g: loss %.4f ± %.4f, average %.4f", s.P, ts[i], got.Value, got.Stderr, want)
			}
		}
	}
}

// TestOutside compares the two expectations with four times the nodes on either axis.
func TestOutside(t *testing.T) {
	t.Parallel()
	a := (setting{H: 256, P: 0.1, Dim: 100, Prefactor: 0.1}).newAverage(1)
	fine := a
	fine.rho, fine.c = nodes(64), nodes(40)
	for _, at := range [][2]float64{{1, 0}, {2, 1}, {6, 2}} {
		m, q := a.outside(at[0], at[1])
		wantM, wantQ := fine.outside(at[0], at[1])
		if math.Abs(m/wantM-1) > 1e-5 || math.Abs(q/wantQ-1) > 1e-5 {
			t.Errorf("|y| = %g, t = %g: %g and %g, want %g and %g", at[0], at[1], m, q, wantM, wantQ)
		}
	}
}

// TestAverageFlat: where no unit is active, the loss is ½E‖y‖² = ½k·E x², up to the sample.
func TestAverageFlat(t *testing.T) {
	t.Parallel()
	s := lineSettings(0)[2].withDefaults()
	got, want := s.averageLosses([]float64{0}, 1000, 1)[0], float64(s.support())*secondMoment(s.Lo, s.Hi)/2
	if math.Abs(got/want-1) > 0.03 {
		t.Errorf("loss %g, want %g", got, want)
	}
}

// TestTabulatedLosses compares the average with the losses of amp/THEORY.md §13.4, those of one dictionary and line, which differ from
// the average by some percent; the sample of the
// average leaves one.
func TestTabulatedLosses(t *testing.T) {
	t.Parallel()
	ts, want := []float64{0, 0.1, 0.2, 0.5, 1, 2}, []float64{.256, .284, .37, 1.02, 4.85, 54.8}
	for i, got := range (setting{H: 256, P: 0.1, Dim: 100, Prefactor: 0.1}).averageLosses(ts, 4000, 5) {
		if math.Abs(got/want[i]-1) > 0.05 {
			t.Errorf("t = %g: loss %.4f, want about %.4f", ts[i], got, want[i])
		}
	}
}
