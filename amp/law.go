package amp

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"

	"autoamp/amp/internal/quadrature"
	"autoamp/amp/internal/special"
	"autoamp/amp/root"
)

// Atom is a point mass of a Law.
type Atom struct {
	X, Weight float64
}

// Law is the law of a coordinate given by a density and point masses. It computes everything by quadrature: a pass of
// StateEvolution takes tens of milliseconds, where a closed form takes one. Embed a *Law in a type of your own and define the
// methods that have closed forms; they are the ones that are called.
//
// A *Law is safe for concurrent use if its density is.
type Law struct {
	density func(x float64) float64
	breaks  []float64
	atoms   []Atom
	mass    []float64 // of the density between two breaks
}

// NewLaw returns the law with that density on [breaks[0], breaks[last]]. The density integrates to 1 minus the atoms' weights.
// Between two breaks the density must be smooth: about a polynomial of degree 20. Put a break wherever it jumps or bends,
// and several where it falls by many orders of magnitude; cut tails where they fall below 1e-14. Without a density breaks is nil.
//
// The error is a *DomainError: breaks that do not ascend, a density that is negative or not finite, a total probability or a
// second moment that is not 1 within 1e-6.
func NewLaw(density func(x float64) float64, breaks []float64, atoms ...Atom) (*Law, error) {
	l := &Law{density: density, breaks: append([]float64(nil), breaks...), atoms: append([]Atom(nil), atoms...)}
	if err := l.check(); err != nil {
		return nil, err
	}
	l.mass = make([]float64, max(0, len(breaks)-1))
	for i := range l.mass {
		l.mass[i] = l.integrate(i, func(float64) float64 { return 1 })
	}
	for _, moment := range []struct {
		field string
		value float64
	}{
		{"total probability", l.expect(func(float64) float64 { return 1 })},
		{"E x²", l.expect(func(x float64) float64 { return x * x })},
	} {
		if !(math.Abs(moment.value-1) <= 1e-6) {
			return nil, &DomainError{moment.field, moment.value, "must be 1"}
		}
	}
	return l, nil
}

// check looks at the atoms, the breaks, and the density at the nodes between them.
func (l *Law) check() error {
	for _, a := range l.atoms {
		if !(a.Weight > 0) || math.IsNaN(a.X) || math.IsInf(a.X, 0) {
			return &DomainError{"atom", fmt.Sprintf("%g of weight %g", a.X, a.Weight), "must be finite, of positive weight"}
		}
	}
	if (l.density == nil) != (len(l.breaks) == 0) || len(l.breaks) == 1 {
		return &DomainError{"breaks", len(l.breaks), "must be two or more with a density, none without"}
	}
	for i, b := range l.breaks {
		if math.IsNaN(b) || math.IsInf(b, 0) || i > 0 && !(b > l.breaks[i-1]) {
			return &DomainError{fmt.Sprintf("breaks[%d]", i), b, "must be finite and larger than the one before"}
		}
	}
	return l.checkDensity()
}

// checkDensity accepts finite values ≥ 0.
func (l *Law) checkDensity() error {
	var err error
	for i := 1; i < len(l.breaks); i++ {
		quadrature.Visit(l.breaks[i-1], l.breaks[i], math.Inf(1), func(x, _ float64) {
			if f := l.density(x); err == nil && (!(f >= 0) || math.IsInf(f, 1)) {
				err = &DomainError{fmt.Sprintf("density(%g)", x), f, "must be finite and not negative"}
			}
		})
	}
	return err
}

// integrate returns ∫ h·density between breaks i and i+1; h may bend at 0.
func (l *Law) integrate(i int, h func(x float64) float64) float64 {
	a, b := l.breaks[i], l.breaks[i+1]
	f := func(x float64) float64 { return h(x) * l.density(x) }
	if a < 0 && b > 0 {
		return quadrature.Uniform(a, 0, math.Inf(1), f) + quadrature.Uniform(0, b, math.Inf(1), f)
	}
	return quadrature.Uniform(a, b, (b-a)/2, f)
}

// expect returns E h(X); h may bend at 0.
func (l *Law) expect(h func(x float64) float64) float64 {
	sum := 0.0
	for _, a := range l.atoms {
		sum += a.Weight * h(a.X)
	}
	for i := range l.mass {
		sum += l.integrate(i, h)
	}
	return sum
}

// PosteriorMean returns E[X | X + σZ = y].
func (l *Law) PosteriorMean(y, sigma2 float64) float64 {
	_, mean, _ := l.evaluate(y, sigma2)
	return mean
}

// PosteriorVariance returns Var(X | X + σZ = y).
func (l *Law) PosteriorVariance(y, sigma2 float64) float64 {
	_, _, variance := l.evaluate(y, sigma2)
	return variance
}

// Evidence returns the density of X + σZ at y.
func (l *Law) Evidence(y, sigma2 float64) float64 {
	logEvidence, _, _ := l.evaluate(y, sigma2)
	return math.Exp(logEvidence)
}

// evaluate is the posterior at y, the edges included.
func (l *Law) evaluate(y, sigma2 float64) (logEvidence, mean, variance float64) {
	if logEvidence, mean, variance, done := edge(y, sigma2); done {
		return logEvidence, mean, variance
	}
	return l.posterior(sigma2).eval(y)
}

// MMSE returns E Var(X | X + σZ).
func (l *Law) MMSE(sigma2 float64) float64 {
	switch {
	case !(sigma2 >= 0):
		return math.NaN()
	case sigma2 == 0:
		return 0
	}
	return meanVariance(l.posterior(sigma2))
}

// AbsMean returns E|X|.
func (l *Law) AbsMean() float64 { return l.expect(math.Abs) }

// FourthMoment returns E X⁴.
func (l *Law) FourthMoment() float64 {
	return l.expect(func(x float64) float64 { return x * x * x * x })
}

// NonZero returns P(X ≠ 0).
func (l *Law) NonZero() float64 {
	return l.expect(func(x float64) float64 {
		if x == 0 {
			return 0
		}
		return 1
	})
}

// Sample draws an atom, or inverts the distribution function between two breaks.
func (l *Law) Sample(r *rand.Rand) float64 {
	u := r.Float64()
	for _, a := range l.atoms {
		if u -= a.Weight; u < 0 {
			return a.X
		}
	}
	for i, mass := range l.mass {
		if u < mass || i == len(l.mass)-1 {
			return l.quantile(i, math.Max(0, math.Min(u, mass)))
		}
		u -= mass
	}
	if len(l.atoms) == 0 {
		return math.NaN() // not made by NewLaw
	}
	return l.atoms[len(l.atoms)-1].X // rounding
}

// quantile is the x after break i up to which the density has that mass.
func (l *Law) quantile(i int, mass float64) float64 {
	a, b := l.breaks[i], l.breaks[i+1]
	excess := func(x float64) float64 { return quadrature.Uniform(a, x, (b-a)/2, l.density) - mass }
	if x, _, ok := root.Zero(excess, a, b, 1e-12*(b-a)); ok {
		return x
	}
	return b // rounding at the upper end
}

// description is promoted to the types that embed a *Law.
func (l *Law) description() *Law { return l }

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

// interval visits the points between breaks i and i+1, and reports whether the next interval away from y may matter.
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
