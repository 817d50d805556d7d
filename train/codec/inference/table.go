package inference

import (
	"math"

	"autoamp/amp"
)

// table is a function of one number by straight lines between equidistant knots, and straight beyond the last ones.
type table struct {
	inverse, start float32 // x = (u − first knot)/distance = inverse·u + start
	last           int     // line
	lines          []line
}

// line is the function between two knots: its value at the left one and its rise to the right one.
type line struct{ value, rise float32 }

func newTable(low, high float64, knots int, f func(float64) float64) *table {
	step := (high - low) / float64(knots-1)
	t := &table{inverse: float32(1 / step), start: float32(-low / step), last: knots - 2, lines: make([]line, knots-1)}
	value := f(low)
	for k := range t.lines {
		next := f(low + float64(k+1)*step)
		t.lines[k] = line{float32(value), float32(next - value)}
		value = next
	}
	return t
}

// apply writes f(u) to dst, which may be u. A NaN stays one.
func (t *table) apply(dst, u []float32) {
	dst = dst[:len(u)]
	lines, last, inverse, start := t.lines, t.last, t.inverse, t.start
	for i, v := range u {
		x := inverse*v + start
		k := min(max(int(x), 0), last)
		l := lines[k]
		dst[i] = l.value + (x-float32(k))*l.rise
	}
}

const (
	// knotsPerNoise is the number of knots in a standard deviation of the noise.
	knotsPerNoise = 24
	// maxKnots bounds a table: 64 KiB, of which the part in use is small.
	maxKnots = 8192
)

// posteriorTable is a combination mean·E[X | X + N(0, noise) = u] + own·u.
func posteriorTable(law amp.Prior, noise, mean, own float64) *table {
	sd := math.Sqrt(noise)
	reach := 8*sd + 6*math.Sqrt(law.FourthMoment())
	knots := int(math.Min(maxKnots, math.Ceil(2*reach/sd*knotsPerNoise))) | 1 // odd: one is at 0
	return newTable(-reach, reach, knots, func(u float64) float64 { return mean*law.PosteriorMean(u, noise) + own*u })
}

// The knots of ψ: at −20 it is straight to 2·10⁻³ of itself, at 8 it is 10⁻¹⁴.
const (
	millsLow, millsHigh = -20, 8
	millsKnots          = 2049
)

// millsTable is scale·ψ(root·u), ψ = φ/Φ.
func millsTable(scale, root float64) *table {
	return newTable(millsLow/root, millsHigh/root, millsKnots, func(u float64) float64 { return scale * mills(root*u) })
}

// mills is φ(t)/Φ(t) for t ≥ −20.
func mills(t float64) float64 {
	return math.Exp(-t*t/2) * math.Sqrt(2/math.Pi) / math.Erfc(-t/math.Sqrt2)
}
