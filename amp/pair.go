package amp

import (
	"math"

	"autoamp/amp/internal/special"
)

// pair is the law (1−p)·δ₀ + p·½[N(m, v) + N(−m, v)] at noise level s2. It serves every family but Laplace:
// Gaussian (p = 1, m = 0), sparse Gaussian (m = 0), sparse Rademacher (v = 0), sparse mixture.
type pair struct {
	m, v, s2   float64
	total      float64 // v + s2, the variance of Y within a component
	logPair    float64 // ln p − ½ln(2π·total)
	logAtom    float64 // ln(1−p) − ½ln(2π·s2), −∞ at p = 1
	halfTotal  float64 // 1/(2·total)
	halfNoise  float64 // 1/(2·s2)
	kept, pull float64 // v/total, m·s2/total
	tilt       float64 // m/total
	rest       float64 // v·s2/total, the variance of X within a component
}

// newPair prepares the law. p outside [MinP, 1] gives NaN everywhere.
func newPair(p, m, v, s2 float64) pair {
	if !isProbability(p) || !(v >= 0) {
		p = math.NaN()
	}
	total := v + s2
	return pair{
		m: m, v: v, s2: s2, total: total,
		logPair:   math.Log(p) - 0.5*math.Log(total) - special.LogSqrt2Pi,
		logAtom:   math.Log1p(-p) - 0.5*math.Log(s2) - special.LogSqrt2Pi,
		halfTotal: 1 / (2 * total), halfNoise: 1 / (2 * s2),
		kept: v / total, pull: m * (s2 / total), tilt: m / total, rest: v * (s2 / total),
	}
}

// evaluatePair is evaluate without an allocation.
func evaluatePair(p, m, v, y, sigma2 float64) (logEvidence, mean, variance float64) {
	if logEvidence, mean, variance, done := edge(y, sigma2); done {
		return logEvidence, mean, variance
	}
	q := newPair(p, m, v, sigma2)
	return q.eval(y)
}

// eval: with T = |y|m/total the two halves of the pair merge into a Gaussian times cosh T, and the mean within the
// pair is (y·v + m·s2·tanh T)/total. The variance is a sum of positive terms.
func (q *pair) eval(y float64) (logEvidence, mean, variance float64) {
	abs := math.Abs(y)
	decay := math.Exp(-2 * abs * q.tilt)
	gap := abs - q.m
	logPair := q.logPair - gap*gap*q.halfTotal
	if q.m != 0 {
		logPair += math.Log1p(decay) - math.Ln2
	}
	logAtom := q.logAtom - y*y*q.halfNoise
	tanh := -math.Expm1(-2*abs*q.tilt) / (1 + decay)
	odds := math.Exp(logAtom - logPair) // of the atom
	active := 1 / (1 + odds)
	inner := math.Copysign(abs*q.kept+q.pull*tanh, y)
	spread := q.rest + q.pull*q.pull*4*decay/((1+decay)*(1+decay))
	mean = active * inner
	variance = active*spread + active*idle(odds)*inner*inner
	return logSum(logPair, logAtom, odds), mean, variance
}

// idle is odds/(1+odds) without overflow.
func idle(odds float64) float64 {
	if odds > 1 {
		return 1 / (1 + 1/odds)
	}
	return odds / (1 + odds)
}

// logSum is ln(eᵃ + eᵇ) given odds = e^{b−a}.
func logSum(a, b, odds float64) float64 {
	if odds > 1 {
		return b + math.Log1p(1/odds)
	}
	return a + math.Log1p(odds)
}

// moments is exact: the four-point Gauss–Hermite rule integrates polynomials of degree 7.
func (q *pair) moments(y, c float64, m *[momentCount]float64) {
	logPlus := q.logPair - math.Ln2 - (y-q.m)*(y-q.m)*q.halfTotal
	logMinus := q.logPair - math.Ln2 - (y+q.m)*(y+q.m)*q.halfTotal
	logAtom := q.logAtom - y*y*q.halfNoise
	top := max(logPlus, logMinus, logAtom)
	plus, minus, atom := math.Exp(logPlus-top), math.Exp(logMinus-top), math.Exp(logAtom-top)
	sum := plus + minus + atom
	*m = [momentCount]float64{}
	addPoint(m, -c, atom/sum)
	addGaussian(m, y*q.kept+q.pull-c, q.rest, plus/sum)
	addGaussian(m, y*q.kept-q.pull-c, q.rest, minus/sum)
}

// addPoint adds the moments of a point mass.
func addPoint(m *[momentCount]float64, x, weight float64) {
	for k := range m {
		m[k] += weight
		weight *= x
	}
}

// addGaussian adds the moments of N(mean, variance).
func addGaussian(m *[momentCount]float64, mean, variance, weight float64) {
	fourPoints(mean, variance, weight, func(x, weight float64) { addPoint(m, x, weight) })
}

// fourPoints calls f with the Gauss–Hermite rule of N(mean, variance), nodes at ±√(3∓√6) standard deviations.
func fourPoints(mean, variance, weight float64, f func(x, weight float64)) {
	sd := math.Sqrt(variance)
	const near, far = 0.74196378430272585765, 2.3344142183389772393
	const wNear, wFar = 0.45412414523193150818, 0.045875854768068491817
	f(mean-near*sd, weight*wNear)
	f(mean+near*sd, weight*wNear)
	f(mean-far*sd, weight*wFar)
	f(mean+far*sd, weight*wFar)
}

// grid: the zones of the atom and of the component at +m; the integrals are even in y.
func (q *pair) grid() grid {
	return grid{
		fixed: [2]zone{gaussianZone(0, q.s2), gaussianZone(q.m, q.total)}, n: 2, symmetric: true,
	}
}

// normalReach is where a description cuts a Gaussian density: E x² loses 7e-7 of the component's.
const normalReach = 5.6

// pairDescription is the pair as a density and an atom.
func pairDescription(p, m, v float64) *Law {
	sd := math.Sqrt(v)
	end := m + normalReach*sd
	l := &Law{breaks: []float64{-end, 0, end}, atoms: atomAtZero(p)}
	if inner := m - normalReach*sd; inner > 0 {
		l.breaks = []float64{-end, -inner, inner, end}
	}
	l.density = func(x float64) float64 {
		z, far := (math.Abs(x)-m)/sd, (math.Abs(x)+m)/sd
		return p / 2 / sd * special.InvSqrt2Pi * (math.Exp(-z*z/2) + math.Exp(-far*far/2))
	}
	return l
}

// atomAtZero is the atom of a law that is not zero with probability p.
func atomAtZero(p float64) []Atom {
	if p >= 1 {
		return nil
	}
	return []Atom{{0, 1 - p}}
}
