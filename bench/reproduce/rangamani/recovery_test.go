package rangamani

import (
	"math"
	"testing"
)

// TestRecovery has the setting of amp/THEORY.md §13.2: .999 of the support, nothing else, and a bound of 1.4e-6.
func TestRecovery(t *testing.T) {
	t.Parallel()
	rows, err := (recovery{H: 256, Supports: []int{3}, Deltas: []float64{0.02}, Samples: 1000, Seed: 3}).measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := rows[0]
	if r.Found.TruePositive < 0.995 || r.Found.FalsePositive > 0 || math.Abs(r.Bound/1.37e-6-1) > 0.01 || r.Sufficient {
		t.Errorf("%+v", r)
	}
	if math.Abs(r.TruePositive-r.Found.TruePositive) > 0.003 {
		t.Errorf("share of the support %g, expected %g", r.Found.TruePositive, r.TruePositive)
	}
}

// TestSufficient checks the largest δ against the condition itself, on both of its sides.
func TestSufficient(t *testing.T) {
	t.Parallel()
	r := recovery{Lo: 1, Hi: 2}
	for _, k := range []int{1, 2, 5} {
		const mu = 0.02
		at := r.sufficient(k, mu)
		for _, delta := range []float64{at - 1e-6, at + 1e-6} {
			bias := r.theory(k, delta, mu).Bias
			holds := r.Lo*(1-delta)-float64(k-1)*r.Hi*(delta+mu) > bias
			if holds != (delta < at) || holds != r.theory(k, delta, mu).Sufficient {
				t.Errorf("k = %d, δ = %g: the condition is %t, largest δ %g", k, delta, holds, at)
			}
		}
	}
}

// TestTruePositive: without noise the share is that of the amplitudes above ε; noise does not change it but at the edges, and by
// 1e-6 since it grows with the amplitude.
func TestTruePositive(t *testing.T) {
	t.Parallel()
	r := recovery{Dim: 3000}.withDefaults()
	for bias, want := range map[float64]float64{0.5: 1, 1.25: 0.75, 1.5: 0.5, 2.5: 0} {
		for _, k := range []int{1, 4} {
			if got := r.truePositive(k, 0.05, bias); math.Abs(got-want) > 1e-5 {
				t.Errorf("k = %d, ε = %g: %g, want %g", k, bias, got, want)
			}
		}
	}
}
