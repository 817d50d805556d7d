package amp

import (
	"math"
	"sort"

	"autoamp/amp/internal/quadrature"
	"autoamp/amp/internal/special"
)

// lawPosterior is the posterior of a Law at noise level s².
type lawPosterior struct {
	law   *Law
	s, s2 float64
}

func (l *Law) posterior(s2 float64) *lawPosterior { return &lawPosterior{l, math.Sqrt(s2), s2} }

// The reach at which the channel's density is cut, in units of its decay: e⁻²⁰⁰ for a Gaussian, e⁻³⁸ for an exponential.
const gaussianReach, exponentialReach = 20, 38

// lawNegligible is the share of the weight found so far below which an interval is left out.
const lawNegligible = 1e-20

// lawWalk visits the points from which y can come.
type lawWalk struct {
	*lawPosterior
	y, offset float64 // offset is half the squared distance, in σ, from y to the nearest mass
	total     float64 // weight visited so far
	f         func(x, weight float64)
}

// visit calls f with points x and their weight: x's probability times the density of y given x, in units of exp(logUnit).
func (q *lawPosterior) visit(y float64, f func(x, weight float64)) (logUnit float64) {
	w := &lawWalk{lawPosterior: q, y: y, offset: math.Inf(1), f: f}
	for _, a := range q.law.atoms {
		w.offset = math.Min(w.offset, w.exponent(a.X))
	}
	k := q.law.interval(y)
	for i, mass := range q.law.mass {
		if mass > 0 {
			w.offset = math.Min(w.offset, w.exponent(q.law.nearest(i, y)))
		}
	}
	for _, a := range q.law.atoms {
		w.at(a.X, a.Weight)
	}
	for i := k; i >= 0 && w.interval(i); i-- {
	}
	for i := k + 1; i < len(q.law.mass) && w.interval(i); i++ {
	}
	return -w.offset - math.Log(q.s) - special.LogSqrt2Pi
}

// interval is the one between two breaks that holds y, or the nearest; −1 without a density.
func (l *Law) interval(y float64) int {
	return min(max(sort.SearchFloat64s(l.breaks, y)-1, 0), len(l.mass)-1)
}

// nearest is the point between breaks i and i+1 that is closest to y.
func (l *Law) nearest(i int, y float64) float64 {
	return math.Max(l.breaks[i], math.Min(y, l.breaks[i+1]))
}

// exponent is −ln of the channel's density at distance y − x, without its constant.
func (w *lawWalk) exponent(x float64) float64 {
	z := (w.y - x) / w.s
	return z * z / 2
}

// at passes one point on.
func (w *lawWalk) at(x, probability float64) {
	if weight := probability * math.Exp(w.offset-w.exponent(x)); weight > 0 {
		w.total += weight
		w.f(x, weight)
	}
}

// interval visits what lies between breaks i and i+1, and reports whether the next interval away from y may matter.
//
// The density decays like the Gaussian around y, and outside the interval, at a distance D of more than σ, like an exponential of
// scale σ²/D. Across four scales either is a polynomial of degree 39 to rounding.
func (w *lawWalk) interval(i int) bool {
	nearest := w.law.nearest(i, w.y)
	if math.Exp(w.offset-w.exponent(nearest)) < lawNegligible*w.total {
		return false
	}
	scale, reach := w.s, float64(gaussianReach)
	if d := math.Abs(w.y - nearest); d > w.s {
		scale, reach = w.s2/d, exponentialReach
	}
	lo, hi := math.Max(w.law.breaks[i], nearest-reach*scale), math.Min(w.law.breaks[i+1], nearest+reach*scale)
	quadrature.Visit(lo, hi, 4*scale, func(x, weight float64) { w.at(x, weight*w.law.density(x)) })
	return true
}

// eval updates mean and variance point by point, which avoids the cancellation of E X² − (E X)². NaN for a Law that NewLaw did
// not make.
func (q *lawPosterior) eval(y float64) (logEvidence, mean, variance float64) {
	var sum, spread float64
	logUnit := q.visit(y, func(x, w float64) {
		sum += w
		before := x - mean
		mean += w / sum * before
		spread += w * before * (x - mean)
	})
	if sum == 0 {
		return math.NaN(), math.NaN(), math.NaN()
	}
	return logUnit + math.Log(sum), mean, spread / sum
}

// moments adds up the points.
func (q *lawPosterior) moments(y, c float64, m *[momentCount]float64) {
	*m = [momentCount]float64{}
	q.visit(y, func(x, w float64) { addPoint(m, x-c, w) })
	sum := m[0]
	for k := range m {
		m[k] /= sum
	}
}

// grid: the scale of the noise around atoms and breaks, half the distance of the breaks between them.
func (q *lawPosterior) grid() grid {
	var zones []zone
	for _, a := range q.law.atoms {
		zones = append(zones, gaussianZone(a.X, q.s2))
	}
	for i, b := range q.law.breaks {
		zones = append(zones, gaussianZone(b, q.s2))
		if i > 0 {
			a := q.law.breaks[i-1]
			zones = append(zones, zone{a + (b-a)/2, (b - a) / 2, math.Max(q.s, (b-a)/2)})
		}
	}
	return grid{more: zones}
}
