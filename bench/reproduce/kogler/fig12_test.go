package kogler

import (
	"math"
	"testing"
)

// TestLaplaceToGauss compares with the largest distance on a grid.
func TestLaplaceToGauss(t *testing.T) {
	t.Parallel()
	largest := 0.0
	for x := 0.0; x < 6; x += 1e-4 {
		largest = math.Max(largest, math.Abs(math.Erfc(-x/math.Sqrt2)/2-1+math.Exp(-math.Sqrt2*x)/2))
	}
	if got := laplaceToGauss(); math.Abs(got-largest) > 1e-8 {
		t.Errorf("%v, want %v", got, largest)
	}
}
