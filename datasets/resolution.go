package datasets

import (
	"fmt"
	"math"
)

// resolution compares the numbers of a data set with float32's, in which training runs: how far they spread, and what
// rounding takes of that.
type resolution struct {
	lo, hi float64 // the smallest and the largest number
	count  float64
	// Sums over x − x₀, x₀ the first number, and over x − float32(x).
	shift, sum, square, lost float64
	exact                    []float64 // a row
}

// add adds the i-th row of s, which is row in float32. Rows of a file are compared as the file has them.
func (r *resolution) add(s Samples, i int, row []float32) error {
	if len(r.exact) == 0 {
		r.exact, r.lo, r.hi = make([]float64, len(row)), math.Inf(1), math.Inf(-1)
	}
	s, i = trace(s, i)
	if a, ok := s.(*Array); ok && !a.header.kind.exact() {
		if err := a.Row64(r.exact, i); err != nil {
			return err
		}
	} else {
		for j, v := range row {
			r.exact[j] = float64(v)
		}
	}
	if r.count == 0 {
		r.shift = r.exact[0]
	}
	for _, x := range r.exact {
		lost, d := x-float64(float32(x)), x-r.shift
		r.lost += lost * lost
		r.sum += d
		r.square += d * d
		r.lo, r.hi = min(r.lo, x), max(r.hi, x)
	}
	r.count += float64(len(row))
	return nil
}

// mostLost is the share of the variance that rounding may take.
const mostLost = 1e-4

// check refuses numbers that are all the same, and those whose differences float32 does not hold; square is their mean
// square.
func (r *resolution) check(square float64) error {
	mean := r.sum / r.count
	variance := r.square/r.count - mean*mean
	switch {
	case r.lo == r.hi:
		return fmt.Errorf("all numbers are %.6g: data without variance cannot be coded", r.lo)
	case math.Max(-r.lo, r.hi) < 1e-37 && !(r.lost/r.count <= mostLost*variance && variance > 0):
		return fmt.Errorf("numbers from %.6g to %.6g: training is in float32, which begins at 1e-38; multiply them with a large number", r.lo, r.hi)
	// A constant rounds to a variance of a few units in the last place of its square.
	case !(r.lost/r.count <= mostLost*variance) || !(variance > 1e-12*square):
		return fmt.Errorf("numbers from %.12g to %.12g: training is in float32, whose 7 digits keep too little of their differences; "+
			"subtract the mean", r.lo, r.hi)
	}
	return nil
}
