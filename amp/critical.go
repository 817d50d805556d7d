package amp

import (
	"math"

	"autoamp/amp/root"
)

// Critical is the sparsity p above which the identity encoder beats the Haar encoder.
type Critical struct {
	P           float64 // the critical p
	Uncertainty float64 // half-width of the last bracket; 0 for a closed form
}

// criticalTolerance is the wanted width of the bracket, relative to the largest p of the family.
const criticalTolerance = 1e-12

// criticalScan is the number of points at which the sign change is looked for.
const criticalScan = 60

// CriticalP returns the critical p of the linear decoder, (E|x|)² = 2/π. It does not depend on the rate, but needs
// 0 < rate ≤ 1. ok is false where there is no transition: rate > 1, and the laws whose E|x| stays below √(2/π).
//
// Source: ICML 2024, eq. (15); amp/THEORY.md §8.
func CriticalP(name string, mixtureMean, rate float64) (c Critical, ok bool, err error) {
	if name == "sparse-rademacher" && rate > 0 && rate <= 1 {
		return Critical{P: 2 / math.Pi}, true, nil
	}
	return critical(name, mixtureMean, rate, func(p Prior) float64 {
		m := p.AbsMean()
		return m*m - 2/math.Pi
	})
}

// CriticalPDenoiser returns the critical p of the decoder with a denoiser, DenoiserMSE = IdentityMSE; of several
// crossings the largest. ok is false where there is no transition.
//
// Source: ICML 2024, §5; amp/THEORY.md §8.
func CriticalPDenoiser(name string, mixtureMean, rate float64) (c Critical, ok bool, err error) {
	return critical(name, mixtureMean, rate, func(p Prior) float64 {
		identity, _ := IdentityMSE(p, rate)
		return DenoiserMSE(p, rate) - identity
	})
}

// critical finds the largest p at which gain turns from negative to positive.
func critical(name string, mixtureMean, rate float64, gain func(Prior) float64) (Critical, bool, error) {
	largest := largestP(name, mixtureMean)
	densest, err := NewPrior(name, largest, mixtureMean)
	if err != nil {
		return Critical{}, false, err
	}
	if err := checkRate(rate); err != nil {
		return Critical{}, false, err
	}
	if rate > 1 || !hasTransition(densest) {
		return Critical{}, false, nil
	}
	at := func(p float64) float64 {
		prior, _ := NewPrior(name, p, mixtureMean)
		return gain(prior)
	}
	hi, top := largest, at(largest)
	if !(top > 0) {
		return Critical{}, false, nil
	}
	for i := criticalScan - 1; i > 0; i-- { // here largest is of order 1: a mixture of large m has no transition
		lo := largest * float64(i) / criticalScan
		if at(lo) <= 0 {
			p, uncertainty, ok := root.Zero(at, lo, hi, criticalTolerance*largest)
			return Critical{p, uncertainty}, ok, nil
		}
		hi = lo
	}
	return Critical{}, false, nil
}

// hasTransition reports whether a family has (E|x|)² > 2/π for some p, given its law at the largest p, where E|x| is largest. In
// the other families the denoiser's error stays below the identity encoder's error. Their difference vanishes at best as p → 0 or
// p → 1, and must not be searched for sign changes.
func hasTransition(densest Prior) bool {
	m := densest.AbsMean()
	return m*m > 2/math.Pi+1e-12 // Gaussian data have 2/π, up to rounding
}

// largestP is the upper end of the family: 1/m² for the mixture with m > 1, else 1. Rounding must not take it below MinP.
func largestP(name string, mixtureMean float64) float64 {
	if name == "sparse-mixture" && mixtureMean > 1 {
		return math.Max(1/(mixtureMean*mixtureMean), MinP)
	}
	return 1
}
