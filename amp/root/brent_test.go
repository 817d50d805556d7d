package root_test

import (
	"math"
	"testing"

	"autoamp/amp/root"
)

func TestZero(t *testing.T) {
	for _, c := range []struct {
		name    string
		f       func(float64) float64
		a, b, x float64
	}{
		{"cos", math.Cos, 1, 2, math.Pi / 2},
		{"cubic", func(x float64) float64 { return x*x*x - 2 }, 0, 2, math.Cbrt(2)},
		{"flat", func(x float64) float64 { return math.Pow(x-0.3, 9) }, 0, 1, 0.3},
		{"endpoint", func(x float64) float64 { return x }, 0, 1, 0},
		{"steep", func(x float64) float64 { return math.Atan(1e6 * (x - 0.7)) }, 0, 1, 0.7},
	} {
		x, uncertainty, ok := root.Zero(c.f, c.a, c.b, 1e-13)
		if !ok || math.Abs(x-c.x) > 1e-12 && math.Abs(c.f(x)) > 1e-100 || uncertainty > 1e-11 && c.name != "flat" {
			t.Errorf("%s: %.17g ± %g, %v; want %.17g", c.name, x, uncertainty, ok, c.x)
		}
	}
	if _, _, ok := root.Zero(math.Exp, 0, 1, 1e-9); ok {
		t.Error("no sign change: want ok = false")
	}
	if _, _, ok := root.Zero(math.Log, -1, 2, 1e-9); ok {
		t.Error("NaN at an end: want ok = false")
	}
}

func TestMinimum(t *testing.T) {
	x, value := root.Minimum(func(x float64) float64 { return (x-0.3)*(x-0.3) + 2 }, -1, 1, 1e-7)
	if math.Abs(x-0.3) > 1e-6 || math.Abs(value-2) > 1e-12 {
		t.Errorf("minimum %g at %g, want 2 at 0.3", value, x)
	}
}
