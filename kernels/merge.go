package kernels

// The merge of the unrolled decoder, ⊕ of ICML 2024, eq. (22), and the gradient of its weights.
//
//	dst[i] = β·a[i] + γ·b[i]      two roundings
//	dw[0] += Σᵢ dout[i]·a[i]      dw[1] += Σᵢ dout[i]·b[i]
//
// Sums and NaN are as in sums.go. Both operations go over mergeRun elements at a time, so that the second of two
// vector kernels reads from the first-level cache.

// mergeRun is 8 KiB of float32.
const mergeRun = 2048

// Merge writes β·a + γ·b. dst may be a, not b.
func Merge(dst, a, b []float32, beta, gamma float32) { mergeLevel(best, dst, a, b, beta, gamma) }

func mergeLevel(level Level, dst, a, b []float32, beta, gamma float32) {
	sameLength(len(dst), len(a))
	sameLength(len(dst), len(b))
	for lo := 0; lo < len(a); lo += mergeRun {
		hi := min(lo+mergeRun, len(a))
		scaleLevel(level, dst[lo:hi], a[lo:hi], beta)
		axpyLevel(level, dst[lo:hi], b[lo:hi], gamma)
	}
}

// MergeGrad writes the gradients da = β·dout and db = γ·dout, given the gradient dout of the merged vector, and adds that
// of (β, γ) to dw. da or db may be nil where it is not wanted; da, or db where da is nil, may be dout.
func MergeGrad(da, db []float32, dw []float64, dout, a, b []float32, beta, gamma float32) {
	mergeGradLevel(best, da, db, dw, dout, a, b, beta, gamma)
}

func mergeGradLevel(level Level, da, db []float32, dw []float64, dout, a, b []float32, beta, gamma float32) {
	sameLength(len(dout), len(a))
	sameLength(len(dout), len(b))
	for lo := 0; lo < len(a); lo += mergeRun {
		hi := min(lo+mergeRun, len(a))
		dw[0] += dotLevel(level, dout[lo:hi], a[lo:hi])
		dw[1] += dotLevel(level, dout[lo:hi], b[lo:hi])
		if db != nil {
			scaleLevel(level, db[lo:hi], dout[lo:hi], gamma)
		}
		if da != nil {
			scaleLevel(level, da[lo:hi], dout[lo:hi], beta)
		}
	}
}
