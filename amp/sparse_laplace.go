package amp

import (
	"math"
	"math/rand/v2"
)

// SparseLaplace is (1−P)·δ₀ + P·(λ/2)·e^{−λ|x|}dx with λ = √(2P), amp/THEORY.md §2.
type SparseLaplace struct {
	P float64 // probability of a non-zero coordinate, in [MinP, 1]
}

// PosteriorMean returns E[X | X + σZ = y] by the erfcx form of amp/THEORY.md §7.3. The error is below 1e-13 of the larger
// of the result and σ.
//
// Source: ICML 2024, eq. (19).
func (s SparseLaplace) PosteriorMean(y, sigma2 float64) float64 {
	_, mean, _ := evaluateLaplace(s.P, y, sigma2)
	return mean
}

// PosteriorVariance returns Var(X | X + σZ = y), as a sum of positive terms.
func (s SparseLaplace) PosteriorVariance(y, sigma2 float64) float64 {
	_, _, variance := evaluateLaplace(s.P, y, sigma2)
	return variance
}

// Evidence returns the density of X + σZ at y.
func (s SparseLaplace) Evidence(y, sigma2 float64) float64 {
	logEvidence, _, _ := evaluateLaplace(s.P, y, sigma2)
	return math.Exp(logEvidence)
}

// MMSE returns E Var(X | X + σZ), absolute error below 1e-12.
func (s SparseLaplace) MMSE(sigma2 float64) float64 { return mmse(s, sigma2) }

// AbsMean returns √(p/2).
func (s SparseLaplace) AbsMean() float64 { return math.Sqrt(s.P / 2) }

// FourthMoment returns 6/p.
func (s SparseLaplace) FourthMoment() float64 { return 6 / s.P }

// NonZero returns P(X ≠ 0).
func (s SparseLaplace) NonZero() float64 { return s.P }

// Sample draws the mask, then a sign and an exponential amplitude.
func (s SparseLaplace) Sample(r *rand.Rand) float64 {
	u := r.Float64()
	if u >= s.P {
		return 0
	}
	return math.Copysign(r.ExpFloat64(), u-s.P/2) / math.Sqrt(2*s.P)
}

// String returns the law in words.
func (s SparseLaplace) String() string {
	return sparseInWords(s.P, "Laplace with rate λ = √(2p)")
}

func (s SparseLaplace) at(sigma2 float64) posterior {
	q := newLaplace(s.P, sigma2)
	return &q
}

// laplaceReach is where a description cuts the exponential, in units of 1/λ: E x² loses 1e-6 of itself.
const laplaceReach = 19

func (s SparseLaplace) description() *Law {
	lambda := math.Sqrt(2 * s.P)
	end := laplaceReach / lambda
	return &Law{
		breaks: []float64{-end, 0, end}, atoms: atomAtZero(s.P),
		density: func(x float64) float64 { return s.P * lambda / 2 * math.Exp(-lambda*math.Abs(x)) },
	}
}
