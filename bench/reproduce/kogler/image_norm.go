package kogler

import "math"

// normLevels is the number of norms that the side information of a row can name: 8 bits.
const normLevels = 256

// normCode holds the norms that 8 bits name, equally spaced in their logarithms. Norms are ‖x‖/√d.
type normCode struct{ low, step float64 }

// newNormCode spans the norms of the training rows, with a factor 2 on both sides for other rows. Training rows whose norms
// differ by a factor 10 then have steps of 1.5 %. The squared error of rounding is 2e-5 of a row's energy, which no figure shows.
func newNormCode(norms []float64) normCode {
	low, high := math.Inf(1), 0.0
	for _, n := range norms {
		if n > 0 {
			low, high = math.Min(low, n), math.Max(high, n)
		}
	}
	return normCode{low: low / 2, step: math.Log(4*high/low) / (normLevels - 1)}
}

// round is the nearest norm that the code names.
func (c normCode) round(norm float64) float64 {
	if !(norm > c.low) {
		return c.low
	}
	level := math.Min(math.Round(math.Log(norm/c.low)/c.step), normLevels-1)
	return c.low * math.Exp(level*c.step)
}
