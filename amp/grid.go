package amp

import (
	"math"

	"autoamp/amp/internal/quadrature"
)

// zone is an interval [center − reach, center + reach] in which the density of Y and the posterior of X vary on the
// scale of step.
type zone struct {
	center, reach, step float64
}

// zoneReach is where a Gaussian component is cut, in standard deviations: φ(13) = 2e-37 times the smallest odds that
// the stated range of p and σ gives stays below float64's rounding.
const zoneReach = 13

// gaussianZone is the zone of a Gaussian component of that variance.
func gaussianZone(center, variance float64) zone {
	sd := math.Sqrt(variance)
	return zone{center, zoneReach * sd, sd}
}

// grid is the set of quadrature panels for integrals over the law of Y. With few components fixed is used and
// nothing is allocated; more is for empirical laws.
type grid struct {
	fixed     [2]zone
	n         int
	more      []zone
	symmetric bool // integrate y ≥ 0 and double
}

// visit calls f with the nodes and weights of a rule for ∫ dy over the zones.
//
// A panel is as wide as the smallest step among the zones it lies in. The logistic switch between a spike of width s
// and a broad component at y has its complex poles at a distance of π·s²/y ≥ 0.45·s for odds down to 1e-11, so that
// 20 points on a panel of width s leave an error of 2.2⁻⁴⁰ = 1e-14 (amp/THEORY.md §12 explains why Gauss–Hermite fails).
func (g grid) visit(f func(y, weight float64)) {
	zones := g.more
	if zones == nil {
		zones = g.fixed[:g.n]
	}
	start, end := span(zones)
	factor := 1.0
	if g.symmetric {
		start, factor = 0, 2
	}
	for a := start; a < end; {
		b := min(nextBoundary(zones, a), end)
		if !(b > a) {
			break // step below the spacing of floats
		}
		half, mid := (b-a)/2, a+(b-a)/2
		for i, node := range quadrature.Legendre.Node {
			f(mid+half*node, factor*half*quadrature.Legendre.Weight[i])
		}
		a = b
	}
}

// span returns the hull of the zones.
func span(zones []zone) (start, end float64) {
	start, end = math.Inf(1), math.Inf(-1)
	for _, z := range zones {
		start = min(start, z.center-z.reach)
		end = max(end, z.center+z.reach)
	}
	return start, end
}

// nextBoundary ends the panel that starts at a: after the smallest step there, and no later than the next zone's
// start or the current zone's end.
func nextBoundary(zones []zone, a float64) float64 {
	b := math.Inf(1)
	for _, z := range zones {
		lo, hi := z.center-z.reach, z.center+z.reach
		switch {
		case a < lo:
			b = min(b, lo)
		case a < hi:
			b = min(b, a+z.step, hi)
		}
	}
	return b
}
