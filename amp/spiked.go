package amp

import (
	"math"

	"autoamp/amp/root"
)

// A spiked encoder adds one entry to every row of an orthogonal matrix: B = b·I + c·Δ with b² + c² = 1, where Δ is orthogonal and
// antisymmetric and otherwise random, Δᵀ = −Δ. Row i is the sign of b·x_i + c·g_i, g_i = (Δx)_i, and g_i is a standard normal
// that does not depend on x_i as d → ∞. With t = b/c the code knows
//
//	E x_i·y_i = α(t) = E[x·erf(t·x/√2)]        E g_i·y_i = β(t) = √(2/π)·E[exp(−t²x²/2)].
//
// Hence E xyᵀ = α·I + β·Δᵀ. Two bits y_i, y_k have the correlation αβ(Δ_ik + Δ_ki) = 0: Δ's antisymmetry makes the code's
// covariance the identity, and the best linear decoder has the error 1 − α² − β². For another orthogonal matrix in place of Δ it is
// (1 − α² − β²)·⟨1/(1 + αβλ)⟩ over the eigenvalues λ of Δ + Δᵀ: for a Haar matrix (1 − α² − β²)/√(1 − 4α²β²), and to second order
// 1 + 2α²β²(1 − s) times as large for an antisymmetry s = −ΣΔ_ik·Δ_ki/ΣΔ_ik².
//
//   - t = 0 is the Haar encoder, 1 − 2/π.
//   - t → ∞ is the identity whose ties are broken by Δ: a coordinate that is zero hands its bit on to a rotation of all others.
//     The error is 1 − (E|x|)² − (2/π)·P(x = 0)². It is below the identity's error for every law with zeros.
//   - α² + β² = (2/π)(1 + t⁴(3 − E x⁴)/12 + O(t⁶)): the Haar encoder is a maximum along t where E x⁴ > 3, and a minimum
//     where E x⁴ < 3. For sparse Rademacher data the latter holds for p > 1/3, far below the p = 2/π of ICML 2024.
//
// Source: not in a paper; derived here, checked by simulation in the tests. That training finds it is the claim of
// bench/reproduce's kogler-tau.

// SpikedMSE returns the error of the best spiked encoder at rates up to 1, 1 − r·max(α² + β²) over t = b/c in [0, ∞], as d → ∞,
// and that t. t is infinite where the best spike is the identity whose ties are broken.
//
// ok is false for rate > 1 or not positive, and for laws that are not mixtures of Gaussians and point masses.
func SpikedMSE(p Prior, rate float64) (mse, spike float64, ok bool) {
	law, ok := mixtureOf(p)
	if !ok || !(rate > 0 && rate <= 1) {
		return math.NaN(), math.NaN(), false
	}
	spike, best := 0.0, law.known(0)
	const finest = 400 // of angles between the rotation, 0, and the identity, π/2; a maximum is a few degrees wide
	for k := 1; k < finest; k++ {
		if t := math.Tan(math.Pi / 2 * float64(k) / finest); law.known(t) > best+1e-14 { // rounding
			spike, best = t, law.known(t)
		}
	}
	if spike > 0 {
		at, step := math.Atan(spike), math.Pi/2/finest
		angle, value := root.Minimum(func(angle float64) float64 { return -law.known(math.Tan(angle)) },
			at-step, math.Min(at+step, math.Pi/2-1e-9), 1e-9)
		spike, best = math.Tan(angle), -value
	}
	empty := 1 - law.filled
	if broken := p.AbsMean()*p.AbsMean() + 2/math.Pi*empty*empty; broken > best+1e-14 {
		spike, best = math.Inf(1), broken
	}
	return 1 - rate*best, spike, true
}

// spikedLaw is ±mean with a Gaussian of that variance around each, with probability filled, else 0.
type spikedLaw struct{ filled, mean, variance float64 }

// mixtureOf returns the parameters of a law that is such a mixture.
func mixtureOf(p Prior) (law spikedLaw, ok bool) {
	switch l := p.(type) {
	case Gaussian:
		return spikedLaw{1, 0, 1}, true
	case SparseGaussian:
		return spikedLaw{l.P, 0, 1 / l.P}, true
	case SparseRademacher:
		return spikedLaw{l.P, 1 / math.Sqrt(l.P), 0}, true
	case SparseMixture:
		return spikedLaw{l.P, l.Mean, l.variance()}, true
	}
	return law, false
}

// known is α² + β² at t.
func (l spikedLaw) known(t float64) float64 {
	alpha, beta := l.overlaps(t)
	return alpha*alpha + beta*beta
}

// overlaps are α and β at t. For x = m + √v·h with h standard normal and s² = 1 + t²v, E[x·erf(tx/√2)] =
// m·erf(tm/(s√2)) + √(2/π)·(tv/s)·exp(−t²m²/(2s²)), and E exp(−t²x²/2) = exp(−t²m²/(2s²))/s.
func (l spikedLaw) overlaps(t float64) (alpha, beta float64) {
	s := math.Sqrt(1 + t*t*l.variance)
	bell := math.Exp(-t*t*l.mean*l.mean/(2*s*s)) / s
	alpha = l.filled * (l.mean*math.Erf(t*l.mean/(s*math.Sqrt2)) + math.Sqrt(2/math.Pi)*t*l.variance*bell)
	beta = math.Sqrt(2/math.Pi) * (1 - l.filled + l.filled*bell)
	return alpha, beta
}
