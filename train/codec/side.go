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
	// factorLevels is the level of a factor of 1.
	factorLevels = 255
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

// factorLevel is the level of ⟨Bx, s⟩/(√n·‖Bx‖), from 0 to 1.
func factorLevel(factor float64) byte {
	return byte(math.Round(factorLevels * math.Min(math.Max(factor, 0), 1)))
}

func factorOf(level byte) float64 { return float64(level) / factorLevels }
