package amp

import (
	"math"
	"math/rand/v2"

	"autoamp/amp/internal/quadrature"
	"autoamp/amp/internal/special"
)

// SparseUniform is (1−P)·δ₀ + P·U[−a, a] with a = √(3/P).
type SparseUniform struct {
	P float64 // probability of a non-zero coordinate, in [MinP, 1]
}

// PosteriorMean returns E[X | X + σZ = y]. Where X is not 0 it is N(y, σ²) cut at ±a, so that with b = (a−y)/σ, c = (−a−y)/σ
//
//	E[X | Y, X ≠ 0] = y − σ·(φ(b) − φ(c))/(Φ(b) − Φ(c)),   P(X ≠ 0 | Y) ∝ p·(Φ(b) − Φ(c))/2a,
//
// in forms that neither overflow nor cancel; see uniform. The error is below 1e-13 of the larger of the result and σ.
//
// Source: Bayes' rule; the law is not in the papers.
func (s SparseUniform) PosteriorMean(y, sigma2 float64) float64 {
	_, mean, _ := evaluateUniform(s.P, y, sigma2)
	return mean
}

// PosteriorVariance returns Var(X | X + σZ = y), as a sum of positive terms.
func (s SparseUniform) PosteriorVariance(y, sigma2 float64) float64 {
	_, _, variance := evaluateUniform(s.P, y, sigma2)
	return variance
}

// Evidence returns the density of X + σZ at y.
func (s SparseUniform) Evidence(y, sigma2 float64) float64 {
	logEvidence, _, _ := evaluateUniform(s.P, y, sigma2)
	return math.Exp(logEvidence)
}

// MMSE returns E Var(X | X + σZ), absolute error below 1e-12.
func (s SparseUniform) MMSE(sigma2 float64) float64 { return mmse(s, sigma2) }

// AbsMean returns p·a/2 = √(3p)/2.
func (s SparseUniform) AbsMean() float64 { return math.Sqrt(3*s.P) / 2 }

// FourthMoment returns p·a⁴/5 = 9/(5p).
func (s SparseUniform) FourthMoment() float64 { return 1.8 / s.P }

// Sample draws the mask, then the amplitude.
func (s SparseUniform) Sample(r *rand.Rand) float64 {
	if r.Float64() >= s.P {
		return 0
	}
	return (2*r.Float64() - 1) * math.Sqrt(3/s.P)
}

// String returns the law in words.
func (s SparseUniform) String() string { return sparseInWords(s.P, "uniform on ±√(3/p)") }

// NonZero returns P(X ≠ 0).
func (s SparseUniform) NonZero() float64 { return s.P }

func (s SparseUniform) at(sigma2 float64) posterior {
	q := newUniform(s.P, sigma2)
	return &q
}

// uniform is the posterior of SparseUniform at noise level s². By symmetry it is computed at |y|, for which the near end a
// of the interval counts more than the far end −a: their densities are as 1 to e^{−E}, E = 2a|y|/s². There are three
// forms of the part that is not 0:
//
//	narrow  2a ≤ 4s and a|y| ≤ 20s²: sums of positive terms over the nodes of a quadrature, exact to rounding
//	inside  |y| ≤ a: Φ(b) − Φ(c) = ½[erf(b/√2) + erf(|c|/√2)]
//	beyond  |y| > a: one end as in laplace.go, minus what lies behind the far end, with e^{−E} ≤ e^{−8}
type uniform struct {
	a, s, s2 float64
	logFlat  float64 // ln(p/2a)
	logAtom  float64 // ln(1−p) − ½ln(2πs²)
}

// newUniform prepares the law. p outside [MinP, 1] gives NaN everywhere.
func newUniform(p, s2 float64) uniform {
	if !isProbability(p) {
		p = math.NaN()
	}
	a := math.Sqrt(3 / p)
	return uniform{
		a: a, s: math.Sqrt(s2), s2: s2, logFlat: math.Log(p) - math.Log(2*a),
		logAtom: math.Log1p(-p) - 0.5*math.Log(s2) - special.LogSqrt2Pi,
	}
}

// evaluateUniform is evaluate without an allocation.
func evaluateUniform(p, y, sigma2 float64) (logEvidence, mean, variance float64) {
	if logEvidence, mean, variance, done := edge(y, sigma2); done {
		return logEvidence, mean, variance
	}
	q := newUniform(p, sigma2)
	return q.eval(y)
}

func (q *uniform) isNarrow(t float64) bool { return q.a <= 2*q.s && q.a*t <= 20*q.s2 }

// eval mixes the atom and the interval.
func (q *uniform) eval(y float64) (logEvidence, mean, variance float64) {
	t := math.Abs(y)
	logFilled, inner, spread := q.filled(t)
	logAtom := q.logAtom - t*t/(2*q.s2)
	odds := math.Exp(logAtom - logFilled) // of the atom
	active := 1 / (1 + odds)
	mean = math.Copysign(active*inner, y)
	variance = active*spread + active*idle(odds)*inner*inner
	return logSum(logFilled, logAtom, odds), mean, variance
}

// filled returns the log density of Y = t ≥ 0 and X ≠ 0, and the mean and variance of X given both.
func (q *uniform) filled(t float64) (logDensity, mean, variance float64) {
	switch {
	case q.isNarrow(t):
		return q.narrow(t)
	case t <= q.a:
		return q.inside(t)
	}
	return q.beyond(t)
}

// nodes calls f with the nodes and weights of ∫ e^{(x−a)t/s² − x²/2s²} f(x) dx over [−a, a].
func (q *uniform) nodes(t float64, f func(x, weight float64)) {
	for i, node := range quadrature.Legendre.Node {
		x := q.a * (1 + node) / 2
		w := q.a * quadrature.Legendre.Weight[i] / 2 * math.Exp(-x*x/(2*q.s2))
		f(x, w*math.Exp((x-q.a)*t/q.s2))
		f(-x, w*math.Exp((-x-q.a)*t/q.s2))
	}
}

func (q *uniform) narrow(t float64) (logDensity, mean, variance float64) {
	var sum, odd float64
	for i, node := range quadrature.Legendre.Node {
		x := q.a * (1 + node) / 2
		w := q.a * quadrature.Legendre.Weight[i] / 2 * math.Exp(-x*x/(2*q.s2)+(x-q.a)*t/q.s2)
		fall := math.Expm1(-2 * x * t / q.s2)
		sum += w * (2 + fall)
		odd -= w * x * fall
	}
	mean = odd / sum
	q.nodes(t, func(x, w float64) { variance += w * (x - mean) * (x - mean) })
	density := -t*t/(2*q.s2) - math.Log(q.s) - special.LogSqrt2Pi
	return q.logFlat + density + q.a*t/q.s2 + math.Log(sum), mean, variance / sum
}

// ends returns b ≥ 0 and |c|, and the density at c relative to that at b.
func (q *uniform) ends(t float64) (b, c, fall float64) {
	return (q.a - t) / q.s, (q.a + t) / q.s, math.Exp(-2 * q.a * t / q.s2)
}

// mass is Φ(b) − Φ(c).
func mass(b, c float64) float64 { return 0.5 * (math.Erf(b/math.Sqrt2) + math.Erf(c/math.Sqrt2)) }

func (q *uniform) inside(t float64) (logDensity, mean, variance float64) {
	b, c, fall := q.ends(t)
	z := mass(b, c)
	near := special.InvSqrt2Pi * math.Exp(-b*b/2) / z
	shift := near * (1 - fall)
	return q.logFlat + math.Log(z), max(0, t-q.s*shift), q.s2 * (1 - near*(b+c*fall) - shift*shift)
}

// beyond measures x from the near end, in units of s: it is N(h, 1) cut to [0, 2a/s].
func (q *uniform) beyond(t float64) (logDensity, mean, variance float64) {
	h := (q.a - t) / q.s
	m1, v := cutNormal(h)
	far, length := q.farShare(t), 2*q.a/q.s
	if far > 0 {
		d, w := cutNormal(h - length)
		d += length
		whole := 1 - far
		m2 := (v + m1*m1 - far*(w+d*d)) / whole
		m1 = (m1 - far*d) / whole
		v = m2 - m1*m1
	}
	return q.logFlat - h*h/2 + math.Log(special.Erfcx(-h/math.Sqrt2)/2) + math.Log1p(-far), q.a - q.s*m1, q.s2 * v
}

// farShare is P(N(h, 1) > 2a/s) relative to P(N(h, 1) > 0), 0 where that is below the rounding of all moments.
func (q *uniform) farShare(t float64) float64 {
	exponent := 2 * q.a * t / q.s2
	if !(exponent < 100) {
		return 0
	}
	return math.Exp(-exponent) * special.Erfcx((q.a+t)/(q.s*math.Sqrt2)) / special.Erfcx((t-q.a)/(q.s*math.Sqrt2))
}

// moments adds the atom's to those of the interval, which are computed at |y|: for y < 0 those of −X around −c.
func (q *uniform) moments(y, c float64, m *[momentCount]float64) {
	t, sign := math.Abs(y), math.Copysign(1, y)
	var part [momentCount]float64
	logFilled, _, _ := q.filled(t)
	scale := 1.0
	switch {
	case q.isNarrow(t):
		q.nodes(t, func(x, w float64) { addPoint(&part, x-sign*c, w) })
	case t <= q.a:
		q.insideMoments(t, &part)
		shiftMoments(&part, (t-sign*c)/q.s)
		scale = q.s
	default:
		q.beyondMoments(t, &part)
		shiftMoments(&part, (sign*c-q.a)/q.s)
		scale = -q.s
	}
	odds := math.Exp(q.logAtom - t*t/(2*q.s2) - logFilled)
	*m = [momentCount]float64{}
	addPoint(m, -c, idle(odds))
	addScaled(m, &part, 1/((1+odds)*part[0]), sign*scale)
}

// insideMoments are those of (X − t)/s, by integration by parts.
func (q *uniform) insideMoments(t float64, m *[momentCount]float64) {
	b, c, fall := q.ends(t)
	near := special.InvSqrt2Pi * math.Exp(-b*b/2) / mass(b, c)
	far := near * fall
	m[0], m[1] = 1, far-near
	for k := 2; k < momentCount; k++ {
		near *= b
		far *= -c
		m[k] = float64(k-1)*m[k-2] - near + far
	}
}

// beyondMoments are those of (a − X)/s.
func (q *uniform) beyondMoments(t float64, m *[momentCount]float64) {
	h, length := (q.a-t)/q.s, 2*q.a/q.s
	cutMoments(h, 0, m)
	share := q.farShare(t)
	if share == 0 {
		return
	}
	var far [momentCount]float64
	cutMoments(h-length, -length, &far)
	for k := range m {
		m[k] = (m[k] - share*far[k]) / (1 - share)
	}
}

// grid: the atom's zone and those of the two ends of the interval, between which everything is constant or polynomial.
func (q *uniform) grid() grid {
	return grid{fixed: [2]zone{gaussianZone(0, q.s2), gaussianZone(q.a, q.s2)}, n: 2, symmetric: true}
}

func (s SparseUniform) description() *Law {
	a := math.Sqrt(3 / s.P)
	return &Law{breaks: []float64{-a, 0, a}, atoms: atomAtZero(s.P), density: func(float64) float64 { return s.P / (2 * a) }}
}
