package amp

import (
	"math"

	"autoamp/amp/internal/quadrature"
)

// A paired encoder spends two bits on a coordinate: the rows of coordinate i are (t·e_i ± Δ_i)/√(1 + t²), with Δ_i row i of an
// orthogonal matrix Δ. With g = Δx the bits are equal where |g_i| < t|x_i|, and both are the sign of x_i. Where they differ, the first
// is the sign of g_i. So half the sum and half the difference of the bits are two codes that do not depend on each other:
//
//	u_i = (y_i⁺ + y_i⁻)/2     E x_i·u_i = α = E[x·erf(t·x/√2)]                   E u_i² = P = E erf(t·|x|/√2)
//	w_i = (y_i⁺ − y_i⁻)/2     E g_i·w_i = β = √(2/π)·E[exp(−t²x²/2)]             E w_i² = 1 − P.
//
// As d → ∞ each is its linear part and uncorrelated noise, of variance P − α² and 1 − P − β². The precisions add up, and the best
// linear decoder has the error 1/(1 + α²/(P − α²) + β²/(1 − P − β²)) at rate 2. It is 0 for sparse Rademacher data: t → ∞ gives the
// sign of what is not zero, and tells what is zero.
//
// At a rate between 1 and 2 the share r − 1 of the coordinates has two rows, and the others are those of the best spiked encoder at
// rate 1, or Haar rows. Two rows with the same spike and independent small entries are worse than a pair.
//
// Source: not in a paper; derived here from what training finds at rates above 1, checked by simulation in the tests.

// PairedMSE returns the error of paired rows on a share rate − 1 of the coordinates and the encoder of SpikedMSE on the others, with
// the best linear decoder, as d → ∞: (2 − r)·SpikedMSE(p, 1) + (r − 1)·D₂, D₂ the error of pairs with the best t or, where that is
// smaller, of one row with the other unused.
//
// ok is false unless 1 ≤ rate ≤ 2, and for laws that are not mixtures of Gaussians and point masses.
func PairedMSE(p Prior, rate float64) (mse float64, ok bool) {
	law, ok := mixtureOf(p)
	if !ok || !(rate >= 1 && rate <= 2) {
		return math.NaN(), false
	}
	single, _, _ := SpikedMSE(p, 1)
	return (2-rate)*single + (rate-1)*math.Min(single, law.bestPair(p.AbsMean())), true
}

// bestPair is the least error of pairs over t; absMean is E|x|.
func (l spikedLaw) bestPair(absMean float64) float64 {
	const angles = 40 // of t; the error is a smooth function of the angle
	known := func(angle float64) float64 { return 1 - l.pair(math.Tan(angle)) }
	best, at := 0.0, 0.0
	for k := 1; k < angles; k++ {
		angle := math.Pi / 2 * float64(k) / angles
		if v := known(angle); v > best {
			best, at = v, angle
		}
	}
	_, best = climb(known, at, math.Pi/2/angles)
	return math.Min(1-best, pairError(l.filled, absMean, math.Sqrt(2/math.Pi)*(1-l.filled)))
}

// pair is the error of pairs with the spike t > 0.
func (l spikedLaw) pair(t float64) float64 {
	alpha, beta := l.overlaps(t)
	return pairError(l.agreement(t), alpha, beta)
}

// pairError is the error of pairs that agree with that probability.
func pairError(agreement, alpha, beta float64) float64 {
	return 1 / (1 + signal(alpha, agreement) + signal(beta, 1-agreement))
}

// signal is the signal-to-noise ratio of a code with that overlap and second moment. A code that is never used has none.
func signal(overlap, square float64) float64 {
	if overlap == 0 || square <= 0 {
		return 0
	}
	return overlap * overlap / math.Max(0, square-overlap*overlap) // +Inf where the code determines the coordinate
}

// agreement is P = P(|g| < t|x|) for a standard normal g. With x = ±m + √v·h it is an integral over g that bends where |g| is about tm,
// on a scale of t√v. The absolute error is below 1e-12.
func (l spikedLaw) agreement(t float64) float64 {
	if l.variance == 0 {
		return l.filled * math.Erf(t*l.mean/math.Sqrt2)
	}
	sd := math.Sqrt(2 * l.variance)
	beyond := func(g float64) float64 { // φ(g)·P(|x| > g/t), both signs of g
		tail := (math.Erfc((g/t-l.mean)/sd) + math.Erfc((g/t+l.mean)/sd)) / 2
		return 2 * tail * math.Exp(-g*g/2) / math.Sqrt(2*math.Pi)
	}
	scale := t * math.Sqrt(l.variance)
	low := math.Min(zoneReach, math.Max(0, t*l.mean-zoneReach*scale))
	high := math.Min(zoneReach, t*l.mean+zoneReach*scale)
	return l.filled * (quadrature.Uniform(0, low, 1, beyond) + quadrature.Uniform(low, high, math.Min(1, scale), beyond) +
		quadrature.Uniform(high, zoneReach, 1, beyond))
}
