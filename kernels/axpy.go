package kernels

import (
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// Scaled copies and sums of vectors.
//
//	Axpy:  dst[i] += alpha·a[i]    one rounding
//	Add:   dst[i]  = a[i] + b[i]
//	Mul:   dst[i]  = a[i]·b[i]
//	Scale: dst[i]  = alpha·a[i]
//
// NaN and Inf follow IEEE arithmetic: 0·Inf is NaN.

// Axpy adds alpha·a to dst. dst may be a.
func Axpy(dst, a []float32, alpha float32) { axpyLevel(best, dst, a, alpha) }

// Add writes a + b. dst may be a or b.
func Add(dst, a, b []float32) { addLevel(best, dst, a, b) }

// Mul writes the products a·b. dst may be a or b.
func Mul(dst, a, b []float32) { mulLevel(best, dst, a, b) }

// Scale writes alpha·a. dst may be a.
func Scale(dst, a []float32, alpha float32) { scaleLevel(best, dst, a, alpha) }

func axpyLevel(level Level, dst, a []float32, alpha float32) {
	sameLength(len(dst), len(a))
	y, x, n := unsafe.SliceData(dst), unsafe.SliceData(a), len(a)
	if level == Scalar {
		axpyScalar(dst, a, alpha)
		return
	}
	vector.Axpy(level == AVX512, y, x, n, alpha)
}

func axpyScalar(dst, a []float32, alpha float32) {
	for i, v := range a {
		dst[i] = fma(alpha, v, dst[i])
	}
}

func addLevel(level Level, dst, a, b []float32) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	y, p, q, n := unsafe.SliceData(dst), unsafe.SliceData(a), unsafe.SliceData(b), len(a)
	if level == Scalar {
		addScalar(dst, a, b)
		return
	}
	vector.Add(level == AVX512, y, p, q, n)
}

func addScalar(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v + b[i]
	}
}

func mulLevel(level Level, dst, a, b []float32) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	y, p, q, n := unsafe.SliceData(dst), unsafe.SliceData(a), unsafe.SliceData(b), len(a)
	if level == Scalar {
		mulScalar(dst, a, b)
		return
	}
	vector.Mul(level == AVX512, y, p, q, n)
}

func mulScalar(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v * b[i]
	}
}

func scaleLevel(level Level, dst, a []float32, alpha float32) {
	sameLength(len(dst), len(a))
	y, x, n := unsafe.SliceData(dst), unsafe.SliceData(a), len(a)
	if level == Scalar {
		scaleScalar(dst, a, alpha)
		return
	}
	vector.Scale(level == AVX512, y, x, n, alpha)
}

func scaleScalar(dst, a []float32, alpha float32) {
	for i, v := range a {
		dst[i] = alpha * v
	}
}
