package amp

import (
	"math"
	"math/rand/v2"
)

// SparseRademacher is ±1/√P with probability P/2 each, else 0 (amp/THEORY.md §2).
type SparseRademacher struct {
	P float64 // probability of a non-zero coordinate, in [MinP, 1]
}

// PosteriorMean returns E[X | X + σZ = y] = (1/√p)·sinh v/(cosh v + K), v = y/(√p·σ²), K = ((1−p)/p)·exp(1/(2pσ²)),
// in a form that does not overflow. Relative error below 1e-13.
//
// Source: ICML 2024, eqs. (19) and (112); amp/THEORY.md §7.2.
func (s SparseRademacher) PosteriorMean(y, sigma2 float64) float64 {
	_, mean, _ := evaluatePair(s.P, 1/math.Sqrt(s.P), 0, y, sigma2)
	return mean
}

// PosteriorVariance returns Var(X | X + σZ = y), as a sum of positive terms.
func (s SparseRademacher) PosteriorVariance(y, sigma2 float64) float64 {
	_, _, variance := evaluatePair(s.P, 1/math.Sqrt(s.P), 0, y, sigma2)
	return variance
}

// Evidence returns the density of X + σZ at y.
func (s SparseRademacher) Evidence(y, sigma2 float64) float64 {
	logEvidence, _, _ := evaluatePair(s.P, 1/math.Sqrt(s.P), 0, y, sigma2)
	return math.Exp(logEvidence)
}

// MMSE returns E Var(X | X + σZ), absolute error below 1e-12.
func (s SparseRademacher) MMSE(sigma2 float64) float64 { return mmse(s, sigma2) }

// AbsMean returns √p.
func (s SparseRademacher) AbsMean() float64 { return math.Sqrt(s.P) }

// FourthMoment returns 1/p.
func (s SparseRademacher) FourthMoment() float64 { return 1 / s.P }

// NonZero returns P(X ≠ 0).
func (s SparseRademacher) NonZero() float64 { return s.P }

// Sample draws from the law.
func (s SparseRademacher) Sample(r *rand.Rand) float64 {
	u := r.Float64()
	switch {
	case u >= s.P:
		return 0
	case u < s.P/2:
		return -1 / math.Sqrt(s.P)
	default:
		return 1 / math.Sqrt(s.P)
	}
}

// String returns the law in words.
func (s SparseRademacher) String() string {
	return sparseInWords(s.P, "±1/√p")
}

func (s SparseRademacher) at(sigma2 float64) posterior {
	q := newPair(s.P, 1/math.Sqrt(s.P), 0, sigma2)
	return &q
}

// TwoTanh returns the parameters of the exact two-tanh form of the Haar channel's posterior mean (amp/THEORY.md §7.2),
//
//	f*(u) = (1/(2√p))·[tanh(slope·u + shift) + tanh(slope·u − shift)],
//
// for the channel u = μx + σg. ok is false where K < 1: there is no real form of this kind (p > 0.76 at rate 1).
func (s SparseRademacher) TwoTanh(rate float64) (slope, shift float64, ok bool) {
	mu, sigma2 := HaarChannel(rate)
	logK := math.Log((1-s.P)/s.P) + mu*mu/(2*s.P*sigma2)
	if !(logK >= 0) {
		return math.NaN(), math.NaN(), false
	}
	// arccosh K = ln K + ln(1 + √(1 − K⁻²)).
	w := logK + math.Log1p(math.Sqrt(-math.Expm1(-2*logK)))
	return mu / (2 * math.Sqrt(s.P) * sigma2), w / 2, true
}

func (s SparseRademacher) description() *Law { return &Law{atoms: s.pointMasses()} }
