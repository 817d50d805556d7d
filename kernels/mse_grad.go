package kernels

import "autoamp/kernels/internal/vector"

// The squared error of an estimate and its gradient, in one pass.
//
//	du[i]  = scale·(u[i] − x[i])
//	result = Σᵢ (u[i] − x[i])²
//
// Sums and NaN as in sums.go.

// MSEGrad returns Σ(u−x)² and writes its gradient: scale is 2/(b·d) for the mean over a batch. du may be u or x.
func MSEGrad(du, u, x []float32, scale float32) (sumSquares float64) {
	return mseGradLevel(best, du, u, x, scale)
}

func mseGradLevel(level Level, du, u, x []float32, scale float32) (sum float64) {
	sameLength(len(du), len(u))
	sameLength(len(x), len(u))
	if level == Scalar {
		return mseGradScalar(du, u, x, scale)
	}
	for len(u) > 0 {
		n := min(len(u), level.sumRun(sumRun))
		vector.MseGrad(level == AVX512, &sum, &du[0], &u[0], &x[0], n, scale)
		du, u, x = du[n:], u[n:], x[n:]
	}
	return sum
}

func mseGradScalar(du, u, x []float32, scale float32) (sum float64) {
	for i, v := range u {
		e := v - x[i]
		sum += float64(e) * float64(e)
		du[i] = float32(scale * e)
	}
	return sum
}
