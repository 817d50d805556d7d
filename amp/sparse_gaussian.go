package amp

import (
	"math"
	"math/rand/v2"
)

// SparseGaussian is (1−P)·δ₀ + P·N(0, 1/P), amp/THEORY.md §2.
type SparseGaussian struct {
	P float64 // probability of a non-zero coordinate, in [MinP, 1]
}

// PosteriorMean returns E[X | X + σZ = y]: the linear estimate y·(1/p)/(1/p + σ²) times a logistic function of y²,
// amp/THEORY.md §7.1. The relative error is below 1e-13 for |y| ≤ 13·√(1/p + σ²).
//
// Source: ICML 2024, eq. (19).
func (s SparseGaussian) PosteriorMean(y, sigma2 float64) float64 {
	_, mean, _ := evaluatePair(s.P, 0, 1/s.P, y, sigma2)
	return mean
}

// PosteriorVariance returns Var(X | X + σZ = y), as a sum of positive terms.
func (s SparseGaussian) PosteriorVariance(y, sigma2 float64) float64 {
	_, _, variance := evaluatePair(s.P, 0, 1/s.P, y, sigma2)
	return variance
}

// Evidence returns the density of X + σZ at y.
func (s SparseGaussian) Evidence(y, sigma2 float64) float64 {
	logEvidence, _, _ := evaluatePair(s.P, 0, 1/s.P, y, sigma2)
	return math.Exp(logEvidence)
}

// MMSE returns E Var(X | X + σZ), absolute error below 1e-12.
func (s SparseGaussian) MMSE(sigma2 float64) float64 {
	if s.P == 1 {
		return Gaussian{}.MMSE(sigma2)
	}
	return mmse(s, sigma2)
}

// AbsMean returns √(2p/π).
func (s SparseGaussian) AbsMean() float64 { return math.Sqrt(2 * s.P / math.Pi) }

// FourthMoment returns 3/p.
func (s SparseGaussian) FourthMoment() float64 { return 3 / s.P }

// NonZero returns P(X ≠ 0).
func (s SparseGaussian) NonZero() float64 { return s.P }

// Sample draws the mask, then the amplitude.
func (s SparseGaussian) Sample(r *rand.Rand) float64 {
	if r.Float64() >= s.P {
		return 0
	}
	return r.NormFloat64() / math.Sqrt(s.P)
}

// String returns the law in words.
func (s SparseGaussian) String() string {
	return sparseInWords(s.P, "N(0, 1/p)")
}

func (s SparseGaussian) at(sigma2 float64) posterior {
	q := newPair(s.P, 0, 1/s.P, sigma2)
	return &q
}

func (s SparseGaussian) description() *Law { return pairDescription(s.P, 0, 1/s.P) }
