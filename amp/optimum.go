package amp

import (
	"math"

	"autoamp/amp/root"
)

// BayesMSE returns the error per coordinate of the best decoder behind a Haar encoder as d → ∞.
//
// The recursion of StateEvolution may have a second fixed point, which it reaches from full information: error 0 for a discrete
// law, since a code that determines the data leaves none, and for a law near a discrete one an error near 0. The Bayes-optimal
// error is that of the fixed point at which the potential of CodeEntropy is smaller. Where it is the second one, AMP does not reach
// it: a hard phase. Everywhere else BayesMSE is the error of AMP.
//
// It is the error of AMP too where no second fixed point is looked for: for an Empirical law with bins, which are wider than a
// second fixed point's error, and for a law whose density behind the Gaussian channel is not known, see Prior. The error is a
// *DomainError.
//
// Source: amp/THEORY.md §11.4; not in the papers.
func BayesMSE(p Prior, rate float64) (float64, error) {
	if err := checkPriorRate(p, rate); err != nil {
		return math.NaN(), err
	}
	settings, _ := (*Settings)(nil).withDefaults()
	return bayesMSE(p, rate, stateEvolution(p, rate, settings), settings), nil
}

// entropyRounding is the difference of two potentials, in bits per coordinate, that may be rounding.
const entropyRounding = 1e-11

// bayesMSE is the optimum, given the trajectory of AMP.
func bayesMSE(p Prior, rate float64, reached *Trajectory, s Settings) float64 {
	if reached.Final() == 0 || !isIntegrable(p) {
		return reached.Final()
	}
	if bits, ok := DiscreteEntropy(p); ok {
		if bits < codeEntropy(p, rate, reached)-entropyRounding {
			return 0
		}
		return reached.Final()
	}
	if _, binned := p.(*Empirical); binned {
		return reached.Final()
	}
	informed := informedEvolution(p, rate, reached.Final(), s)
	if informed == nil || codeEntropy(p, rate, informed) >= codeEntropy(p, rate, reached)-entropyRounding {
		return reached.Final()
	}
	return informed.Final()
}

// informedPrecision is the γ1 from which the recursion starts with full information: σ is a thousandth of E x².
const informedPrecision = 1e6

// samePoint is the relative distance below which the informed recursion has come to the error of AMP.
const samePoint = 1e-6

// informedEvolution runs the recursion from full information. It is nil where it comes to the error that AMP reaches.
func informedEvolution(p Prior, rate, reached float64, s Settings) *Trajectory {
	t := &Trajectory{Gamma1: informedPrecision, Status: IterationLimit}
	tau2 := informedPrecision / math.Max(rate, 1)
	for len(t.MSE) < s.MaxPasses {
		mse := p.MMSE(1 / t.Gamma1)
		if t.add(mse, s.Tolerance) {
			break
		}
		if mse >= reached*(1-samePoint) {
			return nil
		}
		t.Gamma1, tau2 = flatPass(rate, t.Gamma1, tau2, mse)
	}
	if t.Final() == 0 || t.Status == Diverged {
		return nil // below what the recursion resolves
	}
	return t
}

// RateIT returns r_IT of a discrete law, the rate from which on the code of a Haar encoder determines the data as d → ∞ and BayesMSE
// is 0. Up to the larger rate at which AMP's own error falls to 0 lies the hard phase. It solves CodeEntropy = DiscreteEntropy.
//
// The absolute error is below 1e-8; about twenty runs of StateEvolution. ok is false for a law that is not discrete, see
// DiscreteEntropy, and for one whose r_IT is not between 1e-9 and 1e9.
//
// Source: amp/THEORY.md §11.4; not in the papers.
func RateIT(p Prior) (rate float64, ok bool) {
	bits, ok := DiscreteEntropy(p)
	if !ok || !(bits > 1e-9) {
		return math.NaN(), false
	}
	settings, _ := (*Settings)(nil).withDefaults()
	excess := func(rate float64) float64 {
		t := stateEvolution(p, rate, settings)
		if t.Final() == 0 {
			return 1 // AMP finds the data
		}
		return codeEntropy(p, rate, t) - bits
	}
	low, high := bits, 1.5*bits // a code of fewer bits than the data's entropy does not determine them
	for excess(high) < 0 {
		if low, high = high, 1.5*high; high > maxRate {
			return math.NaN(), false
		}
	}
	rate, _, ok = root.Zero(excess, low, high, 1e-9*high)
	return rate, ok
}
