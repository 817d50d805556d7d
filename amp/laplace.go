package amp

import (
	"math"

	"autoamp/amp/internal/special"
)

// laplace is the posterior of SparseLaplace at noise level s² (amp/THEORY.md §7.3). Given Y = y, X is 0, or minus or plus
// a normal variable N(εy − λs², s²) cut at 0.
type laplace struct {
	lambda, s, s2 float64
	shift         float64 // λs²
	logHalf       float64 // ln(pλ/2)
	logAtom       float64 // ln(1−p) − ½ln(2πs²)
}

// newLaplace prepares the law. p outside [MinP, 1] gives NaN everywhere.
func newLaplace(p, s2 float64) laplace {
	if !isProbability(p) {
		p = math.NaN()
	}
	lambda := math.Sqrt(2 * p)
	return laplace{
		lambda: lambda, s: math.Sqrt(s2), s2: s2, shift: lambda * s2,
		logHalf: math.Log(p * lambda / 2),
		logAtom: math.Log1p(-p) - 0.5*math.Log(s2) - special.LogSqrt2Pi,
	}
}

// evaluateLaplace is evaluate without an allocation.
func evaluateLaplace(p, y, sigma2 float64) (logEvidence, mean, variance float64) {
	if logEvidence, mean, variance, done := edge(y, sigma2); done {
		return logEvidence, mean, variance
	}
	q := newLaplace(p, sigma2)
	return q.eval(y)
}

// half describes one sign of X given Y.
type half struct {
	logWeight float64
	h         float64 // (εy − λs²)/s
	mean      float64 // of |X|
	variance  float64
}

// half returns the half on which X has the sign of t = εy. The evidence takes whichever of its two forms does not
// cancel: the exponential's for h ≥ 0, the Gaussian's for h < 0.
func (q *laplace) half(t float64) half {
	r := half{h: (t - q.shift) / q.s}
	if r.h >= 0 {
		r.logWeight = q.logHalf + q.lambda*(q.shift/2-t) + special.LogNormalCDF(r.h)
	} else {
		r.logWeight = q.logHalf - t*t/(2*q.s2) + math.Log(0.5*special.Erfcx(-r.h/math.Sqrt2))
	}
	mean, variance := cutNormal(r.h)
	r.mean, r.variance = q.s*mean, q.s2*variance
	return r
}

// cutNormal returns mean and variance of N(h, 1) given that it is positive.
func cutNormal(h float64) (mean, variance float64) {
	if h < cutRatio {
		r1, r2 := cutRatios(h)
		return r1, r1 * (r2 - r1)
	}
	mills := special.InverseMills(h)
	return h + mills, 1 - mills*(mills+h)
}

// cutRatio is the h below which the closed form loses more than two digits to cancellation.
const cutRatio = -3

// cutRatios returns R₁ = J₁/J₀ and R₂ = J₂/J₁ for Jₖ = E[Xᵏ; X > 0], X ~ N(h, 1), h ≤ −3: the recurrence
// Rₖ = k/(Rₖ₊₁ − h) run backwards, in which every term is positive.
func cutRatios(h float64) (r1, r2 float64) {
	k := cutDepth(h)
	next := (h + math.Sqrt(h*h+4*k)) / 2
	for k--; k >= 2; k-- {
		next = k / (next - h)
	}
	return 1 / (next - h), next
}

// cutDepth is where to start: the error shrinks like exp(−2|h|·√(2k)), and by 1/h⁴ a step for large |h|.
func cutDepth(h float64) float64 {
	switch {
	case h < -1e4:
		return 6
	case h < -20:
		return 20
	case h < -6:
		return 30
	default:
		return 60
	}
}

// eval mixes the atom and the two halves.
func (q *laplace) eval(y float64) (logEvidence, mean, variance float64) {
	plus, minus := q.half(y), q.half(-y)
	logAtom := q.logAtom - y*y/(2*q.s2)
	top := max(plus.logWeight, minus.logWeight, logAtom)
	wPlus, wMinus, wAtom := math.Exp(plus.logWeight-top), math.Exp(minus.logWeight-top), math.Exp(logAtom-top)
	sum := wPlus + wMinus + wAtom
	mean = (wPlus*plus.mean - wMinus*minus.mean) / sum
	dPlus, dMinus := plus.mean-mean, minus.mean+mean
	variance = (wPlus*(plus.variance+dPlus*dPlus) + wMinus*(minus.variance+dMinus*dMinus) + wAtom*mean*mean) / sum
	return top + math.Log(sum), mean, variance
}

// moments adds up the three parts.
func (q *laplace) moments(y, c float64, m *[momentCount]float64) {
	plus, minus := q.half(y), q.half(-y)
	logAtom := q.logAtom - y*y/(2*q.s2)
	top := max(plus.logWeight, minus.logWeight, logAtom)
	wPlus, wMinus, wAtom := math.Exp(plus.logWeight-top), math.Exp(minus.logWeight-top), math.Exp(logAtom-top)
	sum := wPlus + wMinus + wAtom
	*m = [momentCount]float64{}
	addPoint(m, -c, wAtom/sum)
	var part [momentCount]float64
	cutMoments(plus.h, c/q.s, &part)
	addScaled(m, &part, wPlus/sum, q.s)
	cutMoments(minus.h, -c/q.s, &part)
	addScaled(m, &part, wMinus/sum, -q.s)
}

// addScaled adds weight·scaleᵏ·part[k].
func addScaled(m, part *[momentCount]float64, weight, scale float64) {
	for k := range m {
		m[k] += weight * part[k]
		weight *= scale
	}
}

// cutMoments fills m[k] = E[(X − c)ᵏ | X > 0] for X ~ N(h, 1): around h by integration by parts where little is cut
// off, around 0 by the ratios of cutRatios where little is left; then shifted to c.
func cutMoments(h, c float64, m *[momentCount]float64) {
	m[0] = 1
	if h < cutRatio {
		k := cutDepth(h) + momentCount
		next := (h + math.Sqrt(h*h+4*k)) / 2
		for k--; k >= 1; k-- {
			next = k / (next - h)
			if k < momentCount {
				m[int(k)] = next
			}
		}
		for k := 1; k < momentCount; k++ {
			m[k] *= m[k-1]
		}
		shiftMoments(m, -c)
		return
	}
	boundary := special.InverseMills(h)
	m[1] = boundary
	for k := 2; k < momentCount; k++ {
		boundary *= -h
		m[k] = float64(k-1)*m[k-2] + boundary
	}
	shiftMoments(m, h-c)
}

// shiftMoments turns E Xᵏ into E(X + a)ᵏ, by Horner's scheme on the binomials.
func shiftMoments(m *[momentCount]float64, a float64) {
	for i := 1; i < momentCount; i++ {
		for k := momentCount - 1; k >= i; k-- {
			m[k] += a * m[k-1]
		}
	}
}

// grid: the scale of the noise near 0, the scale 2/λ of the exponential tail beyond.
func (q *laplace) grid() grid {
	near := gaussianZone(0, q.s2)
	tail := zone{0, near.reach + 45/q.lambda, math.Max(q.s, 2/q.lambda)}
	return grid{fixed: [2]zone{near, tail}, n: 2, symmetric: true}
}
