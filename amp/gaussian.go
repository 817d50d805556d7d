package amp

import (
	"math"
	"math/rand/v2"
)

// Gaussian is N(0, 1). Every quantity has a closed form; the Haar encoder's errors all equal RGauss.
type Gaussian struct{}

// PosteriorMean returns y/(1 + σ²).
func (Gaussian) PosteriorMean(y, sigma2 float64) float64 {
	_, mean, _ := evaluatePair(1, 0, 1, y, sigma2)
	return mean
}

// PosteriorVariance returns σ²/(1 + σ²).
func (Gaussian) PosteriorVariance(y, sigma2 float64) float64 {
	_, _, variance := evaluatePair(1, 0, 1, y, sigma2)
	return variance
}

// Evidence returns the density of N(0, 1 + σ²).
func (Gaussian) Evidence(y, sigma2 float64) float64 {
	logEvidence, _, _ := evaluatePair(1, 0, 1, y, sigma2)
	return math.Exp(logEvidence)
}

// MMSE returns σ²/(1 + σ²).
func (Gaussian) MMSE(sigma2 float64) float64 {
	switch {
	case !(sigma2 >= 0):
		return math.NaN()
	case math.IsInf(sigma2, 1):
		return 1
	}
	return sigma2 / (1 + sigma2)
}

// AbsMean returns √(2/π).
func (Gaussian) AbsMean() float64 { return math.Sqrt(2 / math.Pi) }

// FourthMoment returns 3.
func (Gaussian) FourthMoment() float64 { return 3 }

// NonZero returns P(X ≠ 0).
func (Gaussian) NonZero() float64 { return 1 }

// Sample draws from N(0, 1).
func (Gaussian) Sample(r *rand.Rand) float64 { return r.NormFloat64() }

// String returns the law in words.
func (Gaussian) String() string { return "N(0, 1)" }

func (Gaussian) at(sigma2 float64) posterior {
	q := newPair(1, 0, 1, sigma2)
	return &q
}

func (Gaussian) description() *Law { return SparseGaussian{P: 1}.description() }
