//go:build gpu

package cuda

import (
	"math"
	"testing"
)

// TestPowers compares the powers with math.Pow, and asks for them in one go and in pieces: the bits must be the same.
func TestPowers(t *testing.T) {
	var pieces powers
	for _, steps := range []uint64{0, 1, 2, 57, 100, 99, 1000, 5000, 20000, 3} {
		var fresh powers
		a1, a2 := fresh.after(steps, 0.9, 0.999)
		b1, b2 := pieces.after(steps, 0.9, 0.999)
		if a1 != b1 && max(a1, b1) > negligible || a2 != b2 && max(a2, b2) > negligible {
			t.Errorf("%d steps: %g and %g in one go, %g and %g in pieces", steps, a1, a2, b1, b2)
		}
		for k, beta := range []float64{0.9, 0.999} {
			got, want := []float64{a1, a2}[k], math.Pow(beta, float64(steps))
			if math.Abs(got-want) > 0x1p-52*float64(steps+1)*want && want > negligible {
				t.Errorf("%g to the power %d is %g, want %g", beta, steps, got, want)
			}
		}
	}
	if one, two := pieces.after(1, 0.5, 0.25); one != 0.5 || two != 0.25 {
		t.Errorf("other factors: %g and %g", one, two)
	}
}
