package amp

import "math"

// ChainMSE returns the error per coordinate, 1 − r·(E|x|)²/(1 − q²) with q = P(x = 0), of the chain encoder with the best
// linear decoder, as d → ∞. Row i of the chain encoder is B_i ∝ e_i + ε·e_{i+1} + ε²·e_{i+2} + …, ε → 0. Where x_i is zero the
// next coordinate decides the bit: y_i is the sign of the first of x_i, x_{i+1}, … that is not zero.
//
// For 0 < q < 1 the chain encoder's error is below IdentityMSE. The best encoder can therefore reach less than the smaller one of
// RGauss and IdentityMSE. Whether any encoder reaches less than ChainMSE is not known.
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
