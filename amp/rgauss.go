package amp

import "math"

// RGauss returns the error per coordinate of the best linear decoder behind the best encoder for Gaussian data,
//
//	1 − 2r/π (r ≤ 1),   1 − r/(r + π/2 − 1) (r > 1),
//
// and of a Haar encoder with a linear decoder for any data with E x² = 1. rate = n/d > 0; NaN otherwise.
//
// Source: ICML 2024, eq. (5) and Proposition 4.2.
func RGauss(rate float64) float64 {
	switch {
	case !(rate > 0):
		return math.NaN()
	case rate <= 1:
		return 1 - 2*rate/math.Pi
	case math.IsInf(rate, 1):
		return 0
	default:
		return (math.Pi/2 - 1) / (rate + math.Pi/2 - 1)
	}
}

// HaarChannel returns μ and σ² of the scalar channel u = μx + σg in which the coordinates of u = Bᵀsign(Bx) live when
// B is a Haar encoder of that rate and d → ∞ (amp/THEORY.md §6.1):
//
//	μ = r√(2/π),   σ² = r(1 − 2·min(1,r)/π).
//
// rate > 0; NaN otherwise. Source: ICML 2024, eq. (18).
func HaarChannel(rate float64) (mu, sigma2 float64) {
	if !(rate > 0) {
		return math.NaN(), math.NaN()
	}
	return rate * math.Sqrt(2/math.Pi), rate * (1 - 2*math.Min(1, rate)/math.Pi)
}

// haarNoise is σ²/μ², the noise variance of the Haar channel for a signal of unit gain.
func haarNoise(rate float64) float64 {
	return (math.Pi/2 - math.Min(1, rate)) / rate
}
