package nguyen

import (
	"math"

	"autoamp/kernels"
)

// guarantee is a lower bound on the share of samples with a consistent code, for every dictionary of incoherence μ and every W at
// the distance δ in every column. It is the sufficient condition of Theorem 3 with its constants: the other atoms add at most
// a₂·(kμ/√d + δ√k·√(1 + kμ/√d)) to a unit, its own atom gives at least a₁(1 − δ²/2), and the noise passes what is left in one
// of the m units with the probability of a normal tail. Random signs make the sum over the other atoms sub-Gaussian; the bound
// is the better of the two then. A negative bound is given as 0.
//
// Source: Nguyen, Wong, Hegde 2019, Theorem 3; amp/THEORY.md §14.6.
func (c consistency) guarantee(law kernels.CodeLaw, mu, delta float64) float64 {
	k, coherence := float64(law.Support), mu/math.Sqrt(float64(c.Dim))
	interference := func(others float64) float64 {
		return law.Hi * (others*coherence + delta*math.Sqrt(others*(1+others*coherence)))
	}
	level := c.level(law)
	below, above := level, law.Lo*(1-delta*delta/2)-level // room of a unit off and on the support
	slack := math.Min(below-interference(k), above-interference(k-1))
	bound := 1 - 2*float64(c.Atoms)*upperTail(slack/c.deviation())
	if law.Signed {
		spread := law.Hi * (math.Sqrt(k)*coherence + delta*math.Sqrt(1+k*coherence))
		room := math.Min(below, above)
		bound = math.Max(bound, 1-2*float64(c.Atoms)*math.Exp(-room*room/2/(spread*spread+c.deviation()*c.deviation())))
	}
	return math.Max(0, bound)
}

// upperTail is P(g > x) of a standard normal g.
func upperTail(x float64) float64 { return math.Erfc(x/math.Sqrt2) / 2 }
