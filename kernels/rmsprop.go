package kernels

import (
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// RMSProp (Hinton 2012) without momentum, ε under the root as the MNIST panel of amp/THEORY.md §13.6 has it.
//
//	g′    = gradScale·g[i]
//	v[i]  = rho·v[i] + (1−rho)·g′²
//	w[i] −= learningRate·g′/√(v[i] + epsilon)
//
// Square root and division are correctly rounded. NaN in g makes w and v NaN at that index.

// RMSProp updates the weights w and the mean square v by the gradient g. gradScale multiplies g, 1 for no clipping.
func RMSProp(w, v, g []float32, learningRate, rho, epsilon, gradScale float32) {
	rmspropLevel(best, w, v, g, learningRate, rho, epsilon, gradScale)
}

// rmspropConst holds a step's constants in the form that the vector kernels read.
type rmspropConst struct{ gradScale, rho, rest, rate, epsilon float32 }

func rmspropLevel(level Level, w, v, g []float32, learningRate, rho, epsilon, gradScale float32) {
	sameLength(len(w), len(g))
	sameLength(len(v), len(g))
	c := rmspropConst{gradScale, rho, 1 - rho, learningRate, epsilon}
	pw, pv, pg := unsafe.SliceData(w), unsafe.SliceData(v), unsafe.SliceData(g)
	if level == Scalar {
		rmspropScalar(w, v, g, &c)
		return
	}
	vector.Rmsprop(level == AVX512, pw, pv, pg, len(g), (*byte)(unsafe.Pointer(&c)))
}

func rmspropScalar(w, v, g []float32, c *rmspropConst) {
	for i, x := range g {
		x = float32(x * c.gradScale)
		v[i] = fma(c.rho, v[i], float32(float32(c.rest*x)*x))
		w[i] -= float32(c.rate*x) / sqrt32(v[i]+c.epsilon)
	}
}
