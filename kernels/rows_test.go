package kernels

import (
	"math"
	"testing"
)

// Every row is whole: a name of its own, a scale that makes the second moment 1, and functions at every level.
func TestLawRows(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Laws() {
		row := laws[k]
		if row.name == "" || seen[row.name] || row.vector == 0 || row.scale == nil || row.draw == nil || row.mixed && !row.sparse {
			t.Errorf("law %d: the row %q is not whole", k, row.name)
		}
		seen[row.name] = true
		if got, err := ParseLaw(k.String()); err != nil || got != k {
			t.Errorf("ParseLaw(%q) = %v, %v", k.String(), got, err)
		}
	}
	if _, err := ParseLaw("poisson"); err == nil {
		t.Error("poisson was accepted")
	}
}

// Every family has parts, a start at which f is odd and increasing, and partial derivatives: Eval against differences.
func TestFamilyRows(t *testing.T) {
	const h, limit = 1e-6, 1e-8
	for _, f := range Families() {
		row := f.row()
		if row.name == "" || row.vector == 0 || row.base == 0 || f.Params() > MaxParams {
			t.Errorf("family %d: the row %q is not whole", f, row.name)
		}
		theta, d := float64s(f.Start()), make([]float64, f.Params())
		at := func(u float64) float64 {
			y, _ := f.Eval(u, theta, make([]float64, len(theta)))
			return y
		}
		for _, u := range []float64{-2.5, -0.6, 0, 0.3, 1.7} {
			_, slope := f.Eval(u, theta, d)
			if !(slope > 0) || math.Abs(at(u)+at(-u)) > 1e-15 {
				t.Errorf("%v at %g: slope %g, f(u) + f(−u) = %g", f, u, slope, at(u)+at(-u))
			}
			near(t, f.String()+" slope", slope, (at(u+h)-at(u-h))/(2*h), limit)
			for k := range theta {
				keep := theta[k]
				theta[k] = keep + h
				up := at(u)
				theta[k] = keep - h
				near(t, f.String()+" partial", d[k], (up-at(u))/(2*h), limit)
				theta[k] = keep
			}
		}
	}
	if y, slope := Family(77).Eval(1, nil, nil); y == y || slope == slope {
		t.Errorf("no family gives %g and %g", y, slope)
	}
}

// The kernels refuse a law and a family without a row.
func TestNoRow(t *testing.T) {
	x := make([]float32, 64)
	for name, f := range map[string]func(){
		"law":    func() { Sample(x, 0, Law{Kind: 200, P: 1}, Stream{}) },
		"family": func() { Denoise(nil, x, x, nil, 77) },
		"none":   func() { Denoise(nil, x, x, nil, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}
