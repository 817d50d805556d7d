package kernels

import (
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// The denoiser.
//
//	dst[i] = f(u[i])        f of a Family with parameters θ, see families.go and spline.go
//
// G1 and G2 have an error below 2⁻²³ of |u|·(|a0| + |a1|) + |b1·tanh(b2u)| while |a2 + ρu²| is moderate; the argument of
// the logistic function is rounded to float32, which costs it |a2 + ρu²|·2⁻²⁴. T1 and T2 have an error below 2⁻²² of
// |c| + |c′|: their tanh cancel at small u. |u| must stay below 1e19. NaN in u or θ gives NaN.

// Denoise writes f(u) into dst, which may be u. The workspace is for splines: for other families it may be nil.
func Denoise(ws *DenoiseWorkspace, dst, u, theta []float32, f Family) {
	denoiseLevel(best, ws, dst, u, theta, f)
}

func denoiseLevel(level Level, ws *DenoiseWorkspace, dst, u, theta []float32, f Family) {
	sameLength(len(dst), len(u))
	sameLength(len(theta), f.Params())
	if f.isSpline() {
		ws.prepared(f, theta).denoise(level, dst, u)
		return
	}
	d, _ := newDenoiser(f, theta)
	if level == Scalar {
		denoiseScalar(dst, u, &d, f)
	} else {
		denoiseVector(level, dst, u, &d, f)
	}
}

func denoiseScalar(dst, u []float32, d *denoiser, f Family) {
	for i, v := range u {
		dst[i] = d.at(f, v).value
	}
}

func denoiseVector(level Level, dst, u []float32, d *denoiser, f Family) {
	y, x, n, p := unsafe.SliceData(dst), unsafe.SliceData(u), len(u), (*byte)(unsafe.Pointer(d))
	vector.Denoise(level == AVX512, families[f].vector, y, x, n, p)
}
