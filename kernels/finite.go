package kernels

import (
	"math"
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// The search for a NaN or an infinity.
//
//	result = min{i : a[i] is NaN or ±Inf}, or −1

// FirstNonFinite returns the index of the first NaN or infinity in a, or −1 if there is none.
func FirstNonFinite(a []float32) int { return firstNonFiniteLevel(best, a) }

func firstNonFiniteLevel(level Level, a []float32) int {
	if level == Scalar {
		return firstNonFiniteScalar(a)
	}
	return vector.FirstNonFinite(level == AVX512, unsafe.SliceData(a), len(a))
}

func firstNonFiniteScalar(a []float32) int {
	const exponent = 0x7f800000
	for i, v := range a {
		if math.Float32bits(v)&exponent == exponent {
			return i
		}
	}
	return -1
}
