package amp

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// SparseMixture is (1−P)·δ₀ + P·½[N(Mean, s²) + N(−Mean, s²)] with s² = 1/P − Mean², amp/THEORY.md §2.
//
// Mean = 1 is the law of ICML 2024, Figure 9, as far as it can be reconstructed; at P = 1/Mean² it is sparse
// Rademacher and at Mean = 0 sparse Gaussian.
type SparseMixture struct {
	P    float64 // probability of a non-zero coordinate, in [MinP, 1]
	Mean float64 // m, with 0 ≤ m ≤ 1/√P
}

// checkMixture accepts the p and m of a SparseMixture.
func checkMixture(p, m float64) error {
	if err := checkProbability(p); err != nil {
		return err
	}
	if m >= 0 && m*m*p <= 1+1e-12 {
		return nil
	}
	return &DomainError{"mixture_mean", m, "must be between 0 and 1/√p, so that the variance 1/p − m² is not negative"}
}

// variance returns s² = 1/p − m², clamped against rounding at p = 1/m².
func (s SparseMixture) variance() float64 {
	if checkMixture(s.P, s.Mean) != nil {
		return math.NaN()
	}
	return math.Max(0, (1-s.Mean*s.Mean*s.P)/s.P)
}

// PosteriorMean returns E[X | X + σZ = y], amp/THEORY.md §7.4. Relative error below 1e-13.
//
// Source: ICML 2024, eq. (19).
func (s SparseMixture) PosteriorMean(y, sigma2 float64) float64 {
	_, mean, _ := evaluatePair(s.P, s.Mean, s.variance(), y, sigma2)
	return mean
}

// PosteriorVariance returns Var(X | X + σZ = y), as a sum of positive terms.
func (s SparseMixture) PosteriorVariance(y, sigma2 float64) float64 {
	_, _, variance := evaluatePair(s.P, s.Mean, s.variance(), y, sigma2)
	return variance
}

// Evidence returns the density of X + σZ at y.
func (s SparseMixture) Evidence(y, sigma2 float64) float64 {
	logEvidence, _, _ := evaluatePair(s.P, s.Mean, s.variance(), y, sigma2)
	return math.Exp(logEvidence)
}

// MMSE returns E Var(X | X + σZ), absolute error below 1e-12.
func (s SparseMixture) MMSE(sigma2 float64) float64 { return mmse(s, sigma2) }

// AbsMean returns p·[s·√(2/π)·exp(−m²/2s²) + m·erf(m/(s√2))], which equals ICML 2024, eq. (111) with ₁F₁.
func (s SparseMixture) AbsMean() float64 {
	v := s.variance()
	if v == 0 {
		return s.P * s.Mean
	}
	sd := math.Sqrt(v)
	return s.P * (sd*math.Sqrt(2/math.Pi)*math.Exp(-s.Mean*s.Mean/(2*v)) + s.Mean*math.Erf(s.Mean/(sd*math.Sqrt2)))
}

// FourthMoment returns p·(m⁴ + 6m²s² + 3s⁴).
func (s SparseMixture) FourthMoment() float64 {
	v, m2 := s.variance(), s.Mean*s.Mean
	return s.P*m2*m2 + 6*s.P*m2*v + 3*s.P*v*v // from the left: m⁴ alone may overflow
}

// NonZero returns P(X ≠ 0).
func (s SparseMixture) NonZero() float64 { return s.P }

// Sample draws mask, sign and amplitude.
func (s SparseMixture) Sample(r *rand.Rand) float64 {
	u := r.Float64()
	if u >= s.P {
		return 0
	}
	return math.Copysign(s.Mean, u-s.P/2) + math.Sqrt(s.variance())*r.NormFloat64()
}

// String returns the law in words.
func (s SparseMixture) String() string {
	return sparseInWords(s.P, fmt.Sprintf("N(±m, 1/p − m²), m = %v", s.Mean))
}

func (s SparseMixture) at(sigma2 float64) posterior {
	q := newPair(s.P, s.Mean, s.variance(), sigma2)
	return &q
}

func (s SparseMixture) description() *Law {
	if s.variance() == 0 {
		return &Law{atoms: s.pointMasses()}
	}
	return pairDescription(s.P, s.Mean, s.variance())
}
