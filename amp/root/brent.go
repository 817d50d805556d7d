// Package root finds zeros and minima of functions of one variable (Brent, Algorithms for Minimization without
// Derivatives, 1973, chapters 4 and 5).
package root

import "math"

// Zero returns a zero of f in [a, b], where f(a) and f(b) must differ in sign, and the half-width of the last bracket.
// ok is false where they do not differ or a value is NaN. tol is the wanted absolute accuracy.
func Zero(f func(float64) float64, a, b, tol float64) (x, uncertainty float64, ok bool) {
	fa, fb := f(a), f(b)
	if math.IsNaN(fa) || math.IsNaN(fb) || (fa > 0) == (fb > 0) && fa != 0 && fb != 0 {
		return math.NaN(), math.NaN(), false
	}
	c, fc := a, fa
	d := b - a
	e := d
	for range 200 {
		if (fb > 0) == (fc > 0) {
			c, fc = a, fa
			d = b - a
			e = d
		}
		if math.Abs(fc) < math.Abs(fb) {
			a, b, c = b, c, b
			fa, fb, fc = fb, fc, fb
		}
		limit := 2*0x1p-53*math.Abs(b) + tol/2
		half := (c - b) / 2
		switch {
		case fb == 0:
			return b, limit, true
		case math.Abs(half) <= limit:
			return b, math.Abs(half) + limit, true
		}
		d, e = brentStep(a, b, c, fa, fb, fc, d, e, limit, half)
		a, fa = b, fb
		if math.Abs(d) > limit {
			b += d
		} else {
			b += math.Copysign(limit, half)
		}
		fb = f(b)
	}
	return b, math.Abs(c - b), true
}

// brentStep chooses between the secant or inverse quadratic step and bisection.
func brentStep(a, b, c, fa, fb, fc, d, e, limit, half float64) (step, previous float64) {
	if math.Abs(e) < limit || math.Abs(fa) <= math.Abs(fb) {
		return half, half
	}
	s := fb / fa
	var p, q float64
	if a == c {
		p, q = 2*half*s, 1-s
	} else {
		q = fa / fc
		r := fb / fc
		p = s * (2*half*q*(q-r) - (b-a)*(r-1))
		q = (q - 1) * (r - 1) * (s - 1)
	}
	if p > 0 {
		q = -q
	} else {
		p = -p
	}
	if 2*p >= math.Min(3*half*q-math.Abs(limit*q), math.Abs(e*q)) {
		return half, half
	}
	return p / q, d
}

// Minimum returns the abscissa and value of a local minimum of f in [a, b] by golden-section search, to absolute
// accuracy tol in x (no better than about 1e-8 is possible, since f is flat there).
func Minimum(f func(float64) float64, a, b, tol float64) (x, value float64) {
	ratio := (math.Sqrt(5) - 1) / 2
	c, d := b-ratio*(b-a), a+ratio*(b-a)
	fc, fd := f(c), f(d)
	for b-a > tol {
		if fc < fd {
			b, d, fd = d, c, fc
			c = b - ratio*(b-a)
			fc = f(c)
		} else {
			a, c, fc = c, d, fd
			d = a + ratio*(b-a)
			fd = f(d)
		}
	}
	if fc < fd {
		return c, fc
	}
	return d, fd
}
