package kernels

import (
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// The surrogate gradient of the sign (straight-through estimator, amp/THEORY.md §4.1).
//
//	dz[i] = dy[i]·(1 − tanh²(z[i]/τ))/τ = dy[i]·(4/τ)·E/(1+E)²,   E = exp(−2|z[i]|/τ)
//
// The factor has an error below 4.5 ulp wherever it is positive: the exponent carries 1/τ to 48 bits. It is 0 beyond
// |z|/τ = 34.8, where it would be under 4e-30/τ, so that the products after it meet no subnormal numbers.
// NaN in z or dy gives NaN; z = ±Inf gives 0·dy.

// SignGrad writes the gradient with respect to z, given the gradient dy with respect to sign(z). dz may be dy or z.
// tau > 0 is the width of the surrogate, 0.1 in the paper.
func SignGrad(dz, dy, z []float32, tau float32) { signGradLevel(best, dz, dy, z, tau) }

// signGrad is a surrogate width in the form that the vector kernels read.
type signGrad struct {
	hi, lo, end float32
	scale       float32 // 2^(bias)·4/τ
}

const (
	// signGradBits scales E down: the kernels hold E·2^−26, so that values of 2^−101 and below become 0.
	signGradBits  = 26
	signGradFloor = exp2Floor - signGradBits
	signGradUp    = 1 << signGradBits
)

func newSignGrad(tau float32) signGrad {
	hi, lo, end := split(-2*log2e/float64(tau), signGradFloor)
	return signGrad{hi, lo, end, float32(4 * signGradUp / float64(tau))}
}

func signGradLevel(level Level, dz, dy, z []float32, tau float32) {
	sameLength(len(dz), len(dy))
	sameLength(len(dz), len(z))
	s := newSignGrad(tau)
	to, from, at, n := unsafe.SliceData(dz), unsafe.SliceData(dy), unsafe.SliceData(z), len(z)
	if level == Scalar {
		signGradScalar(dz, dy, z, &s)
		return
	}
	vector.SignGrad(level == AVX512, to, from, at, n, (*byte)(unsafe.Pointer(&s)))
}

func signGradScalar(dz, dy, z []float32, s *signGrad) {
	for i, v := range z {
		n, p := exp2Parts(min32(s.end, abs32(v)), s.hi, s.lo)
		h := pow2(n, signGradFloor)
		e := fma(h, p, h)
		d := fma(e, signGradUp, 1)
		dz[i] = float32(float32(e*s.scale)*dy[i]) / float32(d*d)
	}
}
