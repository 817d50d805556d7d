package sparsecoding

import "testing"

// TestCompareSupport counts by hand: four units, two samples.
func TestCompareSupport(t *testing.T) {
	t.Parallel()
	codes := []float32{1, 0, -1, 0, 0, 0, 2, 0}
	z := []float32{0.9, 0.1, 0.8, 0.7, 0, 0.1, 3, -0.2}
	s := compareSupport(z, codes, 4, func(z float32) bool { return z > 0.5 || z < -0.5 })
	if s != (Support{TruePositive: 1, FalsePositive: 0.5, Exact: 0.5, Signs: 0.5}) {
		t.Errorf("%+v", s)
	}
	z[6] = -3
	if s = compareSupport(z, codes, 4, func(z float32) bool { return z > 0.5 || z < -0.5 }); s.Exact != 0.5 || s.Signs != 0 {
		t.Errorf("a wrong sign: %+v", s)
	}
}
