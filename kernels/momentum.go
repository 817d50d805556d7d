package kernels

import (
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// Gradient descent with heavy-ball momentum.
//
//	m[i]  = mu·m[i] + gradScale·g[i]
//	w[i] −= learningRate·m[i]
//
// Each line rounds twice. NaN in g makes w and m NaN at that index. mu = 0 is plain gradient descent.

// Momentum updates the weights w and the velocity m by the gradient g. gradScale multiplies g, 1 for no clipping.
func Momentum(w, m, g []float32, learningRate, mu, gradScale float32) {
	momentumLevel(best, w, m, g, learningRate, mu, gradScale)
}

func momentumLevel(level Level, w, m, g []float32, learningRate, mu, gradScale float32) {
	sameLength(len(w), len(g))
	sameLength(len(m), len(g))
	pw, pm, pg := unsafe.SliceData(w), unsafe.SliceData(m), unsafe.SliceData(g)
	if level == Scalar {
		momentumScalar(w, m, g, learningRate, mu, gradScale)
		return
	}
	vector.Momentum(level == AVX512, pw, pm, pg, len(g), learningRate, mu, gradScale)
}

func momentumScalar(w, m, g []float32, learningRate, mu, gradScale float32) {
	for i, x := range g {
		m[i] = fma(mu, m[i], float32(gradScale*x))
		w[i] = fma(-learningRate, m[i], w[i])
	}
}
