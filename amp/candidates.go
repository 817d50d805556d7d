package amp

import "math"

// IdentityMSE returns the error per coordinate of the encoder that keeps the signs of the first n coordinates,
// 1 − r·(E|x|)², with the best decoder, linear or with a scalar f, for a symmetric law; sign(0) is a fair coin.
// ok is false for rate > 1, where there is no such encoder, and for a rate that is not positive.
//
// Source: ICML 2024, Propositions 4.2 and 5.2, eq. (20).
func IdentityMSE(p Prior, rate float64) (mse float64, ok bool) {
	if p == nil || !(rate > 0 && rate <= 1) {
		return math.NaN(), false
	}
	m := p.AbsMean()
	return math.Max(0, 1-rate*m*m), true // rounding
}

// DenoiserMSE returns the error per coordinate of the Haar encoder followed by the posterior mean,
// E Var(x | μx + σg), absolute error below 1e-12. rate > 0; NaN otherwise.
//
// Source: ICML 2024, Proposition 5.1, eqs. (18) and (19).
func DenoiserMSE(p Prior, rate float64) float64 {
	if p == nil || !(rate > 0) {
		return math.NaN()
	}
	return p.MMSE(haarNoise(rate))
}

// PosteriorMean returns f*(u) = E[x | μx + σg = u] and its derivative (μ/σ²)·Var(x | u) behind a Haar encoder of that
// rate, where u is one coordinate of Bᵀsign(Bx). rate > 0; NaN otherwise. Denoiser is faster for many u.
//
// Source: ICML 2024, eq. (19).
func PosteriorMean(p Prior, rate, u float64) (mean, derivative float64) {
	return Denoiser(p, rate)(u)
}

// Denoiser returns PosteriorMean as a function of u, with everything that depends on the law and the rate computed once.
// The function may be called concurrently.
func Denoiser(p Prior, rate float64) func(u float64) (mean, derivative float64) {
	if p == nil || !(rate > 0) {
		return func(float64) (mean, derivative float64) { return math.NaN(), math.NaN() }
	}
	mu, sigma2 := HaarChannel(rate)
	q := posteriorAt(p, haarNoise(rate))
	return func(u float64) (mean, derivative float64) {
		_, mean, variance := q.eval(u / mu)
		return mean, mu / sigma2 * variance
	}
}
