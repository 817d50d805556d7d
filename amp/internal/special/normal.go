package special

import "math"

// InvSqrt2Pi is φ(0) = 1/√(2π).
const InvSqrt2Pi = 0.3989422804014326779399460599343818684758586311649347

// LogSqrt2Pi is ½·ln(2π).
const LogSqrt2Pi = 0.9189385332046727417803297364056176398613974736377834

// NormalCDF returns Φ(x), with relative error below 1e-15 for x ≥ -37.
func NormalCDF(x float64) float64 {
	return 0.5 * math.Erfc(-x/math.Sqrt2)
}

// LogNormalCDF returns ln Φ(x) with relative error below 1e-14 for x ≤ 8 and 1e-15·x²/4 beyond.
func LogNormalCDF(x float64) float64 {
	switch {
	case x > 0:
		return math.Log1p(-0.5 * math.Erfc(x/math.Sqrt2))
	case x > -8:
		return math.Log(0.5 * math.Erfc(-x/math.Sqrt2))
	default:
		return -x*x/2 + math.Log(0.5*Erfcx(-x/math.Sqrt2))
	}
}

// InverseMills returns ψ(x) = φ(x)/Φ(x) with relative error below 1e-14 and no overflow for any finite x.
func InverseMills(x float64) float64 {
	if x < 0 {
		return math.Sqrt(2/math.Pi) / Erfcx(-x/math.Sqrt2)
	}
	return InvSqrt2Pi * math.Exp(-x*x/2) / NormalCDF(x)
}
