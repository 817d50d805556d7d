package special

import (
	"math"

	"autoamp/amp/internal/quadrature"
)

// OwenT returns Owen's function T(h, a) = (1/2π)·∫₀ᵃ exp(−h²(1 + x²)/2)/(1 + x²) dx for h ≥ 0 and a ≥ 0, the probability that a standard
// normal X is above h while another, Y, is between 0 and a·X.
//
// The absolute error is below 1e-16, the relative one below 1e-13 for a ≤ 1 and h ≤ 5. NaN in, NaN out.
//
// Source: Owen, Tables for computing bivariate normal probabilities, Ann. Math. Statist. 27 (1956), (2.4) for a > 1. One panel is
// enough: the poles are at ±i, and where exp(−h²x²/2) is narrow exp(−h²/2) is small.
func OwenT(h, a float64) float64 {
	if a > 1 {
		q, r := NormalCDF(-h), NormalCDF(-a*h)
		return (q+r)/2 - q*r - OwenT(a*h, 1/a)
	}
	return a / (2 * math.Pi) * quadrature.Uniform(0, 1, 1, func(u float64) float64 {
		square := 1 + a*u*a*u
		return math.Exp(-h*h*square/2) / square
	})
}
