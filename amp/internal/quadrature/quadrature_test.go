package quadrature_test

import (
	"math"
	"testing"

	"autoamp/amp/internal/quadrature"
)

// The rule must be exact for polynomials up to degree 39.
func TestLegendreExactness(t *testing.T) {
	for degree := 0; degree <= 39; degree++ {
		got := quadrature.Uniform(0, 1, 1, func(x float64) float64 { return math.Pow(x, float64(degree)) })
		if want := 1 / float64(degree+1); math.Abs(got-want) > 1e-15 {
			t.Errorf("∫x^%d = %.17g, want %.17g", degree, got, want)
		}
	}
}

// E|Z| has its kink on a panel boundary; Gauss–Hermite with 200 points errs by 1.6e-3 there.
func TestGaussianWithKink(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func(float64) float64
		want float64
	}{
		{"1", func(float64) float64 { return 1 }, 1},
		{"abs", math.Abs, math.Sqrt(2 / math.Pi)},
		{"z4", func(z float64) float64 { return z * z * z * z }, 3},
		{"cos", math.Cos, math.Exp(-0.5)},
	} {
		if got := quadrature.Gaussian(c.f); math.Abs(got-c.want) > 1e-14 {
			t.Errorf("E %s = %.17g, want %.17g", c.name, got, c.want)
		}
	}
}
