package gdmin

import (
	"math"
	"testing"
)

// Against math.Asin, whose own error is below 1e-15, across both branches and beyond ±1.
func TestArcsin(t *testing.T) {
	t.Parallel()
	for i := -12000; i <= 12000; i++ {
		x := float64(i) / 10000
		want := math.Asin(math.Max(-1, math.Min(1, x)))
		if got := arcsin(x); math.Abs(got-want) > 2e-15*math.Abs(want) {
			t.Fatalf("arcsin(%g) = %.17g, want %.17g", x, got, want)
		}
	}
	if !math.IsNaN(arcsin(math.NaN())) {
		t.Error("arcsin(NaN) is a number")
	}
}
