package special

import "math"

// Erfcx returns e^{x²}·erfc(x), the scaled complementary error function.
//
// The relative error is below 2e-15 for x ≥ -5; for x < -26.6 the result overflows to +Inf, as it must.
// NaN in, NaN out.
//
// For x < 10 the rounding error of x² is carried along, since it would cost x²·2⁻⁵³ relative error;
// for x ≥ 10 the asymptotic series of DLMF 7.12.1 is used.
func Erfcx(x float64) float64 {
	if x >= 10 {
		return erfcxAsymptotic(x)
	}
	square := x * x
	rest := math.FMA(x, x, -square)
	if square > 709 {
		return math.Inf(1)
	}
	return math.Exp(square) * (1 + rest) * math.Erfc(x)
}

// erfcxAsymptotic sums Σ(−1)ᵏ(2k−1)!!/(2x²)ᵏ/(x√π); the first term left out is below 1e-16 for x ≥ 10.
func erfcxAsymptotic(x float64) float64 {
	if x > 1e8 {
		return 1 / (x * math.Sqrt(math.Pi))
	}
	z := 1 / (2 * x * x)
	sum := 0.0
	for k := 12; k >= 1; k-- {
		sum = -float64(2*k-1) * z * (1 + sum)
	}
	return (1 + sum) / (x * math.Sqrt(math.Pi))
}
