package amp_test

import (
	"math"
	"math/rand/v2"
)

// fastEncoder is a flat-spectrum encoder made of three rounds of random signs, a permutation and a Hadamard transform
// (times a 3×3 reflection where the size is 3·2ᵏ). It stands in for a Haar matrix at d = 4096, where a dense one would
// take minutes to draw: n ≤ d keeps the first n rows of the rotation, n > d the first d columns times √(n/d).
type fastEncoder struct {
	n, d, size int
	sign       [3][]float64
	perm       [3][]int
	work, swap []float64
}

// newFastEncoder needs max(n, d) = 2ᵏ or 3·2ᵏ. It is not safe for concurrent use.
func newFastEncoder(n, d int, r *rand.Rand) *fastEncoder {
	e := &fastEncoder{n: n, d: d, size: max(n, d)}
	e.work, e.swap = make([]float64, e.size), make([]float64, e.size)
	for k := range e.sign {
		e.perm[k] = r.Perm(e.size)
		e.sign[k] = make([]float64, e.size)
		for i := range e.sign[k] {
			e.sign[k][i] = 1 - 2*float64(r.IntN(2))
		}
	}
	return e
}

func (e *fastEncoder) Dims() (n, d int) { return e.n, e.d }

// scale is √r for r > 1.
func (e *fastEncoder) scale() float64 { return math.Sqrt(math.Max(1, float64(e.n)/float64(e.d))) }

func (e *fastEncoder) Apply(dst, x []float64) {
	clear(e.work)
	copy(e.work, x)
	for k := range e.sign {
		for i, j := range e.perm[k] {
			e.swap[i] = e.sign[k][i] * e.work[j]
		}
		hadamard(e.swap)
		e.work, e.swap = e.swap, e.work
	}
	for i := range dst {
		dst[i] = e.scale() * e.work[i]
	}
}

func (e *fastEncoder) ApplyTransposed(dst, z []float64) {
	clear(e.work)
	copy(e.work, z)
	for k := len(e.sign) - 1; k >= 0; k-- {
		hadamard(e.work)
		for i, j := range e.perm[k] {
			e.swap[j] = e.sign[k][i] * e.work[i]
		}
		e.work, e.swap = e.swap, e.work
	}
	for i := range dst {
		dst[i] = e.scale() * e.work[i]
	}
}

// hadamard is the orthonormal, symmetric transform in place.
func hadamard(x []float64) {
	block := len(x)
	if block%3 == 0 {
		block /= 3
		for i := range block {
			mean := 2.0 / 3 * (x[i] + x[i+block] + x[i+2*block])
			x[i], x[i+block], x[i+2*block] = x[i]-mean, x[i+block]-mean, x[i+2*block]-mean
		}
	}
	for start := 0; start < len(x); start += block {
		part := x[start : start+block]
		for h := 1; h < block; h *= 2 {
			for i := 0; i < block; i += 2 * h {
				left, right := part[i:i+h], part[i+h:i+2*h]
				for j, x := range left {
					left[j], right[j] = x+right[j], x-right[j]
				}
			}
		}
	}
	norm := 1 / math.Sqrt(float64(block))
	for i := range x {
		x[i] *= norm
	}
}

// spectralEncoder is B = L·diag(s)·R with fast rotations L (n, n) and R (n, d), n ≤ d.
type spectralEncoder struct {
	left, right *fastEncoder
	s           []float64
	work        []float64
}

// newSpectralEncoder gives BBᵀ the eigenvalues s².
func newSpectralEncoder(s []float64, d int, r *rand.Rand) *spectralEncoder {
	n := len(s)
	return &spectralEncoder{newFastEncoder(n, n, r), newFastEncoder(n, d, r), s, make([]float64, n)}
}

func (e *spectralEncoder) Dims() (n, d int) { return e.right.Dims() }

func (e *spectralEncoder) Apply(dst, x []float64) {
	e.right.Apply(e.work, x)
	for i, s := range e.s {
		e.work[i] *= s
	}
	e.left.Apply(dst, e.work)
}

func (e *spectralEncoder) ApplyTransposed(dst, z []float64) {
	e.left.ApplyTransposed(e.work, z)
	for i, s := range e.s {
		e.work[i] *= s
	}
	e.right.ApplyTransposed(dst, e.work)
}

// Solve uses (γI + τRᵀs²R)⁻¹ = (I − Rᵀ·diag(τs²/(γ+τs²))·R)/γ.
func (e *spectralEncoder) Solve(dst, w []float64, gamma, tau float64) {
	e.right.Apply(e.work, w)
	for i, s := range e.s {
		e.work[i] *= tau * s * s / (gamma + tau*s*s)
	}
	back := make([]float64, len(w))
	e.right.ApplyTransposed(back, e.work)
	for i, v := range w {
		dst[i] = (v - back[i]) / gamma
	}
}

func (e *spectralEncoder) Eigenvalues() []float64 {
	values := make([]float64, len(e.s))
	for i, s := range e.s {
		values[i] = s * s
	}
	return values
}
