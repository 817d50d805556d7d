package codec

import "math"

// The numbers of a row beside its code, a byte each.

const (
	// normSteps is the number of levels of a norm in an octave: a stored norm is off by 1.3 % (rms), which adds 1.6e-4 of its energy to
	// the error.
	normSteps = 16
	// normMiddle is the level of a norm of √E e.
	normMiddle = 128
	// largestNorm is the largest norm in units of √E e, 2^(127/16).
	largestNorm = 245
	// leastFactor is the factor of level 0, and factorSteps the number of levels in 1: up to 1.2. A factor is √(2/π) = 0.798 give or take
	// 0.6/√n; a stored one is off by 0.0009 (rms).
	leastFactor, factorSteps = 0.4, 255 / 0.8
)

// normLevel is the level of a norm in units of √E e; 0 is a row of zeros. Norms below the least level have it: their error is small
// beside the others' energy.
func normLevel(norm float64) byte {
	if norm == 0 {
		return 0
	}
	level := math.Round(normSteps*math.Log2(norm)) + normMiddle
	return byte(math.Min(math.Max(level, 1), 255))
}

// normOf is the inverse of normLevel.
func normOf(level byte) float64 {
	if level == 0 {
		return 0
	}
	return math.Exp2((float64(level) - normMiddle) / normSteps)
}

// factorLevel is the level of a factor, ⟨Bx, s⟩/n for a row of mean square 1. Factors beyond the ends have the levels there.
func factorLevel(factor float64) byte {
	return byte(math.Round(math.Min(math.Max((factor-leastFactor)*factorSteps, 0), 255)))
}

// factorOf is the inverse of factorLevel.
func factorOf(level byte) float64 { return leastFactor + float64(level)/factorSteps }
