package kernels

import (
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// Adam (Kingma and Ba 2015) without weight decay.
//
//	g′    = GradScale·g[i]
//	m[i]  = Beta1·m[i] + (1−Beta1)·g′
//	v[i]  = Beta2·v[i] + (1−Beta2)·g′²
//	w[i] −= LearningRate·(m[i]·Correct1)/(√(v[i]·Correct2) + Epsilon)
//
// Square root and division are correctly rounded. Per step each moment has an error of 2 ulp of its largest term,
// and the update has an error of 4 ulp. NaN in g makes w, m and v NaN at that index.

// AdamStep holds the constants of one step. Correct1 is 1/(1−Beta1ᵗ) and Correct2 is 1/(1−Beta2ᵗ) at step t = 1, 2, …;
// GradScale multiplies the gradient first (clipping), 1 for none.
type AdamStep struct {
	LearningRate, Beta1, Beta2, Epsilon float32
	Correct1, Correct2, GradScale       float32
}

// Adam updates the weights w and the moments m and v by the gradient g.
func Adam(w, m, v, g []float32, h AdamStep) { adamLevel(best, w, m, v, g, h) }

// adamConst is an AdamStep in the form that the vector kernels read.
type adamConst struct {
	gradScale, beta1, rest1, beta2, rest2 float32
	rate                                  float32 // LearningRate·Correct1
	correct2, epsilon                     float32
}

func newAdam(h AdamStep) adamConst {
	return adamConst{
		h.GradScale, h.Beta1, 1 - h.Beta1, h.Beta2, 1 - h.Beta2,
		float32(float64(h.LearningRate) * float64(h.Correct1)), h.Correct2, h.Epsilon,
	}
}

func adamLevel(level Level, w, m, v, g []float32, h AdamStep) {
	sameLength(len(w), len(g))
	sameLength(len(m), len(g))
	sameLength(len(v), len(g))
	c := newAdam(h)
	pw, pm, pv, pg := unsafe.SliceData(w), unsafe.SliceData(m), unsafe.SliceData(v), unsafe.SliceData(g)
	if level == Scalar {
		adamScalar(w, m, v, g, &c)
		return
	}
	vector.Adam(level == AVX512, pw, pm, pv, pg, len(g), (*byte)(unsafe.Pointer(&c)))
}

func adamScalar(w, m, v, g []float32, c *adamConst) {
	for i, x := range g {
		x = float32(x * c.gradScale)
		a := fma(c.beta1, m[i], float32(c.rest1*x))
		b := fma(c.beta2, v[i], float32(float32(c.rest2*x)*x))
		m[i], v[i] = a, b
		root := sqrt32(float32(b*c.correct2)) + c.epsilon
		w[i] -= float32(c.rate*a) / root
	}
}
