package amp

import (
	"math"

	"autoamp/amp/internal/quadrature"
	"autoamp/amp/internal/special"
)

// ProbitGain returns J(ρ) = E[φ(T)²/(Φ(T)Φ(−T))], T ~ N(0, ρ): the share of the variance of z ~ N(p, 1/τ) that its
// sign removes on average when p ~ N(0, ρ/τ). J(0) = 2/π and J decreases to 0. Relative error below 1e-14;
// ρ ≥ 0, NaN otherwise.
//
// The quadrature is in the cancellation-free form of amp/THEORY.md §11.2. Its integrand has no singularity closer to
// [0, ∞) than 2.8, so panels of width 2 with 20 points are exact to rounding.
//
// Source: ICML 2024, eqs. (117)–(125).
func ProbitGain(rho float64) float64 {
	if !(rho >= 0) {
		return math.NaN()
	}
	if math.IsInf(rho, 1) {
		return 0
	}
	q := math.Sqrt(rho / (1 + rho))
	sum := quadrature.Uniform(0, 10, 2, func(x float64) float64 {
		a := q * x
		return math.Exp(-x*x/2) / (special.Erfcx(a/math.Sqrt2) * special.NormalCDF(a))
	})
	// 2·(1/√(2π)) for the half line, (1/√(2π))·√(2/π) of the formula.
	return 2 * special.InvSqrt2Pi * special.InvSqrt2Pi * math.Sqrt(2/math.Pi) * sum / math.Sqrt(1+rho)
}
