package kernels

import (
	"math"
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// The hyperbolic tangent.
//
//	dst[i] = tanh(a[i])
//
// With q = exp(−2|x|) − 1, computed without cancellation: |tanh x| = −q/(2+q). The error is below 3 ulp, for tiny x too; ±Inf gives ±1, NaN gives NaN.

// Tanh writes the hyperbolic tangents of a into dst, which may be a.
func Tanh(dst, a []float32) { tanhLevel(best, dst, a) }

func tanhLevel(level Level, dst, a []float32) {
	sameLength(len(dst), len(a))
	d, p, n := unsafe.SliceData(dst), unsafe.SliceData(a), len(a)
	if level == Scalar {
		tanhScalar(dst, a)
		return
	}
	vector.Tanh(level == AVX512, d, p, n)
}

// tanhEnd is where exp(−2x) is taken as 0.
const tanhEnd = 44

func tanhScalar(dst, a []float32) {
	for i, x := range a {
		dst[i] = tanhOf(x, -2*log2eHi, tanhEnd)
	}
}

// tanhOf returns tanh(|k|x), where hi = −2|k|·log₂e and end·hi is −127. The rounding of hi adds half an ulp.
func tanhOf(x, hi, end float32) float32 {
	n, p := exp2Parts(min32(end, abs32(x)), hi, 0)
	h := pow2(n, exp2Floor)
	q := fma(h, p, h-1)
	return copySign(q/(q+2), x)
}

// sech2 returns 1 − tanh², which has an absolute error of 2⁻²².
func sech2(tanh float32) float32 { return fma(-tanh, tanh, 1) }

// copySign returns |x| with the sign of s.
func copySign(x, s float32) float32 {
	const sign = 1 << 31
	return math.Float32frombits(math.Float32bits(x)&^sign | math.Float32bits(s)&sign)
}
