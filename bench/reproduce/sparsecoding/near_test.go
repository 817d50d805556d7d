package sparsecoding

import (
	"math"
	"testing"
)

// TestDistance2 matches rows that changed places.
func TestDistance2(t *testing.T) {
	t.Parallel()
	a := []float32{1, 0, 0, 1, 0.6, 0.8}
	w := []float32{0.6, 0.8, 1, 0, 0, 0.5}
	if d := Distance2(w, a, 3); math.Abs(d-0.25) > 1e-7 {
		t.Errorf("squared distance %g, want 0.25", d)
	}
}
