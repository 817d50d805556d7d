package rangamani

import (
	"math"
	"testing"

	"autoamp/amp"
	"autoamp/bench/reproduce/sparsecoding"
)

// TestTable1 compares the two smallest h with the values that the same constants gave elsewhere (amp/THEORY.md §13.3).
// Dictionaries of 50 dimensions differ: norms by 5 % from one to the next.
func TestTable1(t *testing.T) {
	t.Parallel()
	exec := executor(t)
	for h, want := range map[int][]float64{256: {.0116, .0119, .0123, .0123}, 512: {.0060, .0061, .0063, .0063}} {
		for i, p := range table1P {
			r, err := (setting{H: h, P: p, Seed: 1}).gradient(t.Context(), exec, true)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(r.Norm/want[i]-1) > 0.15 {
				t.Errorf("h = %d, p = %g: gradient norm %.4f, want about %.4f", h, p, r.Norm, want[i])
			}
			if r.Proxy <= r.Norm || r.Difference < r.Proxy-r.Norm {
				t.Errorf("h = %d, p = %g: norms %g and, of the proxy, %g; difference %g", h, p, r.Norm, r.Proxy, r.Difference)
			}
			if r.TruePositive < 0.5 || r.TruePositive > 0.7 || r.FalsePositive > 0.4 {
				t.Errorf("h = %d, p = %g: %g of the support active, %g other units", h, p, r.TruePositive, r.FalsePositive)
			}
		}
	}
}

// TestLeadingGradient compares the norm at the dictionary with its leading term; simulations of amp/THEORY.md §13.2
// lie between .0121 and .0127.
func TestLeadingGradient(t *testing.T) {
	t.Parallel()
	s := setting{H: 256, P: 0.01, Samples: 20000, Seed: 2}.withDefaults()
	source, err := s.source()
	if err != nil {
		t.Fatal(err)
	}
	g, err := gradientAt(t.Context(), executor(t), source, s.bias(), s.Samples, source.Dictionary, false)
	if err != nil {
		t.Fatal(err)
	}
	if norm, want := meanRowNorm(g, s.H), amp.SparseCodingGradient(s.H, s.bias(), s.Lo, s.Hi); math.Abs(norm/want-1) > 0.04 {
		t.Errorf("gradient norm %.5f, leading term %.5f", norm, want)
	}
}

// TestSlope compares the gradient along a line with the difference of the loss over it, 1 ± 2e-3: the loss is in float32, with an
// error of 1e-6 of .26 over a difference of 2e-3.
func TestSlope(t *testing.T) {
	t.Parallel()
	s := setting{H: 64, P: 0.25, Dim: 40, Prefactor: 0.1, Samples: 500, Seed: 3}.withDefaults()
	source, err := s.source()
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLandscape(t.Context(), executor(t), source, s.bias(), s.Samples, false)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const at, step = 0.3, 0.01
	towards := sparsecoding.UnitRows(s.H, s.Dim, s.Seed, sparsecoding.Direction(0))
	var losses [3]float64
	var slope float64
	for i, by := range []float64{-step, 0, step} {
		loss, g, err := l.at(t.Context(), sparsecoding.Moved(source.Dictionary, at+by, towards))
		if err != nil {
			t.Fatal(err)
		}
		if losses[i] = loss; by == 0 {
			for k, v := range g {
				slope += v * float64(towards[k])
			}
		}
	}
	if found := (losses[2] - losses[0]) / (2 * step); math.Abs(found/slope-1) > 2e-3 {
		t.Errorf("difference of the loss %g, gradient along the line %g", found, slope)
	}
}

func TestLogRMS(t *testing.T) {
	t.Parallel()
	if d := logRMS([]float64{math.E, 1}, []float64{1, 1}); math.Abs(d-math.Sqrt(0.5)) > 1e-15 {
		t.Errorf("distance %g, want √½", d)
	}
}
