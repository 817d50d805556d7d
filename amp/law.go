package amp

import (
	"fmt"
	"math"
	"math/rand/v2"

	"autoamp/amp/internal/quadrature"
	"autoamp/amp/internal/root"
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

// NewLaw returns the law with that density on [breaks[0], breaks[last]], not normalised to 1 but to what the atoms leave.
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
