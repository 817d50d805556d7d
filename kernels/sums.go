package kernels

import "autoamp/kernels/internal/vector"

// Sums over a slice.
//
//	SquaredError = Σ(a[i]−b[i])²    SumSquares = Σa[i]²    Dot = Σa[i]·b[i]
//
// Differences are rounded to float32. Products are summed with fused multiply-adds in 8 vectors of float32 over at most
// 16384 elements of the slice (NEON: 8192) and in float64 from there on; plain Go sums in float64 throughout. The error is at most
// 2e-5 and in practice below 1e-6 of the sum of the magnitudes of the terms, which must stay within the range of float32.
// An empty sum is 0; NaN gives NaN.

// SquaredError returns Σ(a−b)².
func SquaredError(a, b []float32) float64 { return squaredErrorLevel(best, a, b) }

// SumSquares returns Σa².
func SumSquares(a []float32) float64 { return dotLevel(best, a, a) }

// Dot returns Σa·b.
func Dot(a, b []float32) float64 { return dotLevel(best, a, b) }

// sumRun is the number of elements that the vector kernels sum in float32.
const sumRun = 16384

func squaredErrorLevel(level Level, a, b []float32) (sum float64) {
	sameLength(len(a), len(b))
	if level == Scalar {
		return squaredErrorScalar(a, b)
	}
	for len(a) > 0 {
		n := min(len(a), level.sumRun(sumRun))
		vector.SquaredError(level == AVX512, &sum, &a[0], &b[0], n)
		a, b = a[n:], b[n:]
	}
	return sum
}

func squaredErrorScalar(a, b []float32) (sum float64) {
	for i, v := range a {
		e := float64(v - b[i])
		sum += e * e
	}
	return sum
}

func dotLevel(level Level, a, b []float32) (sum float64) {
	sameLength(len(a), len(b))
	if level == Scalar {
		return dotScalar(a, b)
	}
	for len(a) > 0 {
		n := min(len(a), level.sumRun(sumRun))
		vector.Dot(level == AVX512, &sum, &a[0], &b[0], n)
		a, b = a[n:], b[n:]
	}
	return sum
}

func dotScalar(a, b []float32) (sum float64) {
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}
