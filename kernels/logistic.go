package kernels

import (
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// The logistic function.
//
//	dst[i] = 1/(1 + exp(−a[i]))
//
// Computed from E = exp(−|x|): 1/(1+E) for x ≥ 0, E/(1+E) below. The error is below 3 ulp; results below
// 2^−126 are 0; −Inf gives 0, +Inf gives 1, NaN gives NaN.

// Logistic writes the logistic function of a into dst, which may be a.
func Logistic(dst, a []float32) { logisticLevel(best, dst, a) }

func logisticLevel(level Level, dst, a []float32) {
	sameLength(len(dst), len(a))
	d, p, n := unsafe.SliceData(dst), unsafe.SliceData(a), len(a)
	if level == Scalar {
		logisticScalar(dst, a)
		return
	}
	vector.Logistic(level == AVX512, d, p, n)
}

// logisticEnd is where exp(−x) is taken as 0.
const logisticEnd = 88

func logisticScalar(dst, a []float32) {
	for i, x := range a {
		n, p := exp2Parts(min32(logisticEnd, abs32(x)), -log2eHi, -log2eLo)
		h := pow2(n, exp2Floor)
		e := fma(h, p, h)
		num := e
		if x >= 0 {
			num = 1
		}
		dst[i] = num / (1 + e)
	}
}
