package gdmin

import "math"

// arcsin is math.Asin with an error below 1 unit in the last place for |x| ≤ ½, where it takes a quarter of the time, and
// ±π/2 beyond ±1. Nearly all correlations of rows are that small.
//
// Source: the rational function of e_asin.c in FreeBSD's msun, © 1993 Sun Microsystems: arcsin x = x + x·x²·P(x²)/Q(x²).
func arcsin(x float64) float64 {
	if x < -0.5 || x > 0.5 {
		return math.Asin(math.Max(-1, math.Min(1, x)))
	}
	z := x * x
	p := z * (1.66666666666666657415e-01 + z*(-3.25565818622400915405e-01+z*(2.01212532134862925881e-01+
		z*(-4.00555345006794114027e-02+z*(7.91534994289814532176e-04+z*3.47933107596021167570e-05)))))
	q := 1 + z*(-2.40339491173441421878e+00+z*(2.02094576023350569471e+00+z*(-6.88283971605453293030e-01+z*7.70381505559019352791e-02)))
	return x + x*(p/q)
}
