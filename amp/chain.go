package amp

import "math"

// ChainMSE returns the error per coordinate, 1 − r·(E|x|)²/(1 − q²) with q = P(x = 0), of the chain encoder with the best
// linear decoder, as d → ∞. A row of it is B_i ∝ e_i + ε·e_{i+1} + ε²·e_{i+2} + …, ε → 0: a zero hands the bit on to
// the next coordinate, so that y_i is the sign of the first of x_i, x_{i+1}, … that is not zero. It is below
// IdentityMSE wherever some coordinates are zero and others not, 0 < q < 1, and so the smaller one of RGauss and
// IdentityMSE is not what the best encoder reaches. Whether ChainMSE is, nobody has shown.
//
// Derivation: with C = E xyᵀ and Q = E yyᵀ, C_{i+j,i} = E|x|·qʲ, and Q_{ik} = q^|i−k|, since y_i = y_k if all between
// are zero and else they are independent. Hence CᵀC = (E|x|)²/(1 − q²)·Q for rows that begin at any n places, and
// tr CQ⁻¹Cᵀ = n(E|x|)²/(1 − q²).
//
// At rate 1 the decoder is x̂_i = E|x|·(y_i − q·y_{i+1})/(1 − q²), which is E[x_i | y_i, y_{i+1}]: a scalar f behind it gains
// nothing. Were only one neighbour asked, the error at rate 1 would lie between this and IdentityMSE, at
// 1 − (E|x|)²·[1/p + (1 + q² − 1/p)/√(1 − 4p²q²)], p = 1 − q.
//
// ok is false for rate > 1 or not positive, and for laws without a known P(x = 0), those of measured samples.
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

// filledProbability returns P(x ≠ 0) of the laws that know it.
func filledProbability(p Prior) (filled float64, ok bool) {
	law, ok := p.(interface{ Filled() float64 })
	if !ok {
		return math.NaN(), false
	}
	return law.Filled(), true
}
