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

// ChainMSE returns the error per coordinate, 1 − r·(E|x|)²/(1 − q²) with q = P(x = 0), of the chain encoder with the best
// linear decoder, as d → ∞. Row i of the chain encoder is B_i ∝ e_i + ε·e_{i+1} + ε²·e_{i+2} + …, ε → 0. Where x_i is zero the
// next coordinate decides the bit: y_i is the sign of the first of x_i, x_{i+1}, … that is not zero.
//
// For 0 < q < 1 the chain encoder's error is below IdentityMSE. The best encoder can therefore reach less than the smaller one of
// RGauss and IdentityMSE. SpikedMSE is less still where the chain is just better than the Haar encoder.
//
// Derivation: let C = E xyᵀ and Q = E yyᵀ. Then C_{i+j,i} = E|x|·qʲ. Further Q_{ik} = q^|i−k|: y_i equals y_k if all coordinates
// between them are zero, and is independent of y_k otherwise. Hence CᵀC = (E|x|)²/(1 − q²)·Q for any n rows of the chain, and
// tr CQ⁻¹Cᵀ = n(E|x|)²/(1 − q²).
//
// At rate 1 the decoder is x̂_i = E|x|·(y_i − q·y_{i+1})/(1 − q²). This is E[x_i | y_i, y_{i+1}], so a scalar f behind it gains
// nothing. An encoder that looks at one neighbour only has at rate 1 an error between ChainMSE and IdentityMSE,
// 1 − (E|x|)²·[1/p + (1 + q² − 1/p)/√(1 − 4p²q²)] with p = 1 − q.
//
// ok is false for rate > 1 or not positive, and for laws that do not know P(x = 0), such as those of measured samples.
//
// Source: not in a paper; derived here, checked by enumeration and simulation in the tests.
func ChainMSE(p Prior, rate float64) (mse float64, ok bool) {
	filled, ok := filledProbability(p)
	if !ok || !(rate > 0 && rate <= 1) {
		return math.NaN(), false
	}
	m := p.AbsMean()
	return math.Max(0, 1-rate*m*m/(filled*(2-filled))), true // 1 − q² would cancel at small p
}

// filledProbability returns P(x ≠ 0).
func filledProbability(p Prior) (filled float64, ok bool) {
	law, ok := p.(interface{ NonZero() float64 })
	if !ok {
		return math.NaN(), false
	}
	return law.NonZero(), true
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
