package amp

import "math"

// ChainMSE returns the error per coordinate of the chain encoder with the best linear decoder, as d → ∞. A row of it
// is B_i ∝ e_i + ε·e_{i+1}, ε → 0: the sign of x_i, or of its neighbour where x_i is zero, or a fair coin where both
// are. It is below IdentityMSE wherever some coordinates are zero and others not, 0 < p < 1, so the smaller one of RGauss
// and IdentityMSE is not what the best encoder reaches. Nobody has shown that ChainMSE is.
//
// With q = P(x = 0), p = 1 − q, and the code's covariance tridiagonal, 1 and pq, the value at rate 1 is
//
//	1 − (E|x|)²·[1/p + (1 + q² − 1/p)/√(1 − 4p²q²)].
//
// At rates below 1 the rows form open chains as short and equal as they can be; at rate ½ and below each row has a
// neighbour of its own, 1 − r(E|x|)²(1 + q²).
//
// ok is false for rate > 1 or not positive, and for laws without a known P(x = 0), those of measured samples.
//
// Source: not in a paper; derived here, checked by enumeration and simulation in the tests.
func ChainMSE(p Prior, rate float64) (mse float64, ok bool) {
	q, ok := zeroProbability(p)
	if !ok || !(rate > 0 && rate <= 1) {
		return math.NaN(), false
	}
	m := p.AbsMean()
	if rate == 1 {
		return 1 - m*m*chainEnergy(q, 1, 1/chainRoot(q)), true
	}
	// 1 − r chains in all, since each covers one coordinate more than it has rows.
	k, rest := math.Modf(rate / (1 - rate))
	energy := (1-rest)*chainEnergy(q, k, chainTrace(q, k)) + rest*chainEnergy(q, k+1, chainTrace(q, k+1))
	return 1 - (1-rate)*m*m*energy, true
}

// zeroProbability returns P(x = 0).
func zeroProbability(p Prior) (q float64, ok bool) {
	switch p := p.(type) {
	case Gaussian:
		return 0, true
	case SparseGaussian:
		return 1 - p.P, true
	case SparseRademacher:
		return 1 - p.P, true
	case SparseLaplace:
		return 1 - p.P, true
	case SparseMixture:
		return 1 - p.P, true
	}
	return math.NaN(), false
}

// chainEnergy returns tr(CQ⁻¹Cᵀ)/(E|x|)² of k rows, C = E xyᵀ and Q = E yyᵀ, given tr Q⁻¹. With T the adjacency matrix of
// a path, CᵀC/(E|x|)² = (1 + q²)·I + q·T = Q/p + (1 + q² − 1/p)·I.
func chainEnergy(q, k, trace float64) float64 {
	p := 1 - q
	return k/p + (1+q*q-1/p)*trace
}

// chainRoot returns √(1 − 4p²q²), the difference of the roots λ± of λ² − λ + p²q².
func chainRoot(q float64) float64 {
	delta := q * (1 - q)
	return math.Sqrt(1 - 4*delta*delta)
}

// chainTrace returns tr Q⁻¹ of an open chain of k rows, k − δ·∂ ln det(I + δT)/∂δ at δ = pq, where
// det(I + δT) = (λ₊ᵏ⁺¹ − λ₋ᵏ⁺¹)/(λ₊ − λ₋).
func chainTrace(q, k float64) float64 {
	delta, s := q*(1-q), chainRoot(q)
	ratio := (1 - s) / (1 + s) // λ₋/λ₊
	powers := (1 + math.Pow(ratio, k)) / (1 - math.Pow(ratio, k+1)) * 2 / (1 + s)
	return k + 2*delta*delta/s*((k+1)*powers-2/s)
}
