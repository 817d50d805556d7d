package amp

import (
	"math"

	"autoamp/amp/internal/special"
	"autoamp/amp/root"
)

// A paired encoder spends two bits on a coordinate: the rows of coordinate i are (t·e_i ± Δ_i)/√(1 + t²), where Δ has orthonormal rows.
// With g = Δx the bits are equal where |g_i| < t|x_i|, and both are the sign of x_i. Where they differ, the first is the sign of g_i. So
// half the sum and half the difference of the bits are two codes that do not depend on each other:
//
//	u_i = (y_i⁺ + y_i⁻)/2     E x_i·u_i = α = E[x·erf(t·x/√2)]                   E u_i² = P = E erf(t·|x|/√2)
//	w_i = (y_i⁺ − y_i⁻)/2     E g_i·w_i = β = √(2/π)·E[exp(−t²x²/2)]             E w_i² = 1 − P.
//
// As d → ∞ each is its linear part and uncorrelated noise, of variance P − α² and 1 − P − β²: measurements of x_i and of g_i with the
// precisions a = α²/(P − α²) and b = β²/(1 − P − β²). Precisions add up. Whom the second code serves is Δ's choice:
//
//   - itself: Δ is a rotation of the paired coordinates. At rate 2 the error is 1/(1 + a + b).
//   - the others: Δ's rows are zero on the paired coordinates, whose error is 1/(1 + a). The others see the second codes, and rows of
//     their own of precision c = 2/(π − 2), as one frame.
//
// For sparse Rademacher data t → ∞ tells a paired coordinate, also that it is zero, and a zero hands a bit on. So at p → 0 and rate 1 pairs
// on half of the coordinates have half of the Haar encoder's error: the Haar encoder is far from the best one for data of few values,
// also where E x⁴ > 3 and no small change of it helps (SpikedMSE).
//
// Source: not in a paper; derived here from what training finds at rates above 1, checked by simulation in the tests.

// PairedMSE returns the error of pairs that serve themselves on a share rate − 1 of the coordinates and the encoder of SpikedMSE on the
// others, with the best linear decoder, as d → ∞: (2 − r)·SpikedMSE(p, 1) + (r − 1)·D₂, D₂ the error of pairs with the best t or, where that
// is smaller, of one row with the other unused. This is what training finds, from a start near pairs.
//
// ok is false unless 1 ≤ rate ≤ 2, and for laws that are not mixtures of Gaussians and point masses.
func PairedMSE(p Prior, rate float64) (mse float64, ok bool) {
	law, ok := mixtureOf(p)
	if !ok || !(rate >= 1 && rate <= 2) {
		return math.NaN(), false
	}
	single, _, _ := SpikedMSE(p, 1)
	return (2-rate)*single + (rate-1)*math.Min(single, law.bestPairs(p.AbsMean(), pairCodes.alone).alone()), true
}

// ServingPairs are pairs on a share of the coordinates that serve the others.
type ServingPairs struct {
	MSE   float64 // per coordinate, as d → ∞, with the best linear decoder
	Share float64 // of the coordinates that have two rows; the others have Haar rows with the rest of the bits. 0 is the Haar encoder
	Spike float64 // t, up to +Inf
}

// BestServingPairs returns the best pairs that serve the others. They are below the Haar encoder for sparse Rademacher data, and for
// sparse Gaussian data up to p = 0.44 at rates up to 1. Training
// from the starts that it knows does not find more than a share of rate − 1, but small steps from such pairs end near them.
//
// ok is false unless 0 < rate < 2, and for laws that are not mixtures of Gaussians and point masses.
func BestServingPairs(p Prior, rate float64) (best ServingPairs, ok bool) {
	law, ok := mixtureOf(p)
	if !ok || !(rate > 0 && rate < 2) {
		return ServingPairs{}, false
	}
	haar := ServingPairs{MSE: RGauss(rate)}
	best = law.bestPairs(p.AbsMean(), func(c pairCodes) float64 { return c.bestShare(rate).MSE }).bestShare(rate)
	if best.MSE < haar.MSE-1e-14 { // rounding
		return best, true
	}
	return haar, true
}

// pairCodes are the precisions a and b of the codes of pairs with that spike.
type pairCodes struct{ spike, own, other float64 }

// bestPairs are the pairs with the least error over the spike t, which is a smooth function of the angle of t.
func (l spikedLaw) bestPairs(absMean float64, mse func(pairCodes) float64) pairCodes {
	const angles = 40 // at which it is looked for; the last is an infinite spike
	best, at := l.pairsOf(math.Tan(math.Pi/2/angles)), 1
	least := mse(best)
	for k := 2; k <= angles; k++ {
		c := l.infinitePairs(absMean)
		if k < angles {
			c = l.pairsOf(math.Tan(math.Pi / 2 * float64(k) / angles))
		}
		if value := mse(c); value < least-1e-14 { // rounding
			best, least, at = c, value, k
		}
	}
	if at == angles {
		return best
	}
	angle, value := root.Minimum(func(angle float64) float64 { return mse(l.pairsOf(math.Tan(angle))) },
		math.Pi/2*float64(at-1)/angles, math.Min(math.Pi/2*float64(at+1)/angles, math.Pi/2-1e-9), 1e-10)
	if value < least {
		return l.pairsOf(math.Tan(angle))
	}
	return best
}

// pairsOf are the codes of pairs with a finite spike.
func (l spikedLaw) pairsOf(t float64) pairCodes {
	alpha, beta := l.overlaps(t)
	agreement := l.agreement(t)
	return pairCodes{t, signal(alpha, agreement), signal(beta, 1-agreement)}
}

// infinitePairs are the codes of pairs with an infinite spike; absMean is E|x|.
func (l spikedLaw) infinitePairs(absMean float64) pairCodes {
	empty := 1 - l.filled
	return pairCodes{math.Inf(1), signal(absMean, l.filled), signal(math.Sqrt(2/math.Pi)*empty, empty)}
}

// alone is the error of pairs that serve themselves, at rate 2.
func (c pairCodes) alone() float64 { return 1 / (1 + c.own + c.other) }

// bestShare is the best share of pairs of this kind, at most half the rate.
func (c pairCodes) bestShare(rate float64) ServingPairs {
	const shares = 32 // the error is smooth between the kinks of frameError
	mse := func(share float64) float64 { return c.serving(share, rate) }
	best, at := 0.0, 0
	for k := range shares + 1 {
		if share := rate / 2 * float64(k) / shares; k == 0 || mse(share) < best {
			best, at = mse(share), k
		}
	}
	low, high := rate/2*float64(max(0, at-1))/shares, rate/2*float64(min(shares, at+1))/shares
	if share, value := root.Minimum(mse, low, high, 1e-10); value < best {
		return ServingPairs{value, share, c.spike}
	}
	return ServingPairs{best, rate / 2 * float64(at) / shares, c.spike}
}

// serving is the error of pairs on that share of the coordinates, at most half the rate, that serve the others.
func (c pairCodes) serving(share, rate float64) float64 {
	const haar = 2 / (math.Pi - 2)
	return share/(1+c.own) + frameError(1-share, frame{c.other, share}, frame{haar, rate - 2*share})
}

// frame is a number of orthogonal measurements of one precision.
type frame struct{ precision, rows float64 }

// frameError is dims times the error of dims coordinates that are measured by the rows of two frames, all numbers per coordinate of the
// data. The total precision of a direction is at best the same everywhere. It is not where the rows are too few, or where rows of
// the higher precision are above that mean: a direction has at least the precision of a row that lies in it (Schur and Horn).
func frameError(dims float64, a, b frame) float64 {
	if dims <= 0 {
		return 0
	}
	if a.precision < b.precision {
		a, b = b, a
	}
	if a.rows+b.rows <= dims {
		return a.rows/(1+a.precision) + b.rows/(1+b.precision) + dims - a.rows - b.rows
	}
	if a.precision*a.rows+b.precision*b.rows >= a.precision*dims {
		return dims / (1 + (a.precision*a.rows+b.precision*b.rows)/dims)
	}
	rest := dims - a.rows
	return a.rows/(1+a.precision) + rest/(1+b.precision*b.rows/rest)
}

// signal is the signal-to-noise ratio of a code with that overlap and second moment. A code that is never used has none.
func signal(overlap, square float64) float64 {
	if overlap == 0 || square <= 0 {
		return 0
	}
	return overlap * overlap / math.Max(0, square-overlap*overlap) // +Inf where the code determines the coordinate
}

// agreement is P = P(|g| < t|x|) for a standard normal g: tx − g and tx + g have the same sign. With x = ±m + √v·h they are normal, with the
// mean ±tm, the variance 1 + t²v and the correlation (t²v − 1)/(t²v + 1). The absolute error is below 1e-15.
//
// Source: Owen (1956), (3.1) for equal thresholds.
func (l spikedLaw) agreement(t float64) float64 {
	if l.variance == 0 {
		return l.filled * math.Erf(t*l.mean/math.Sqrt2)
	}
	scale := t * math.Sqrt(l.variance)
	return l.filled * (1 - 4*special.OwenT(t*l.mean/math.Hypot(1, scale), 1/scale))
}
