package kernels

import (
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// The gradient of the denoiser.
//
//	du[i]      = dout[i]·f′(u[i])
//	dtheta[k] += Σᵢ dout[i]·∂ₖf(u[i])
//
// The error of f′ is below 2⁻²² of its largest term: sech² is 1 − tanh², exact to 2⁻²² and not more where it is small.
// NaN as in denoise.go. The sums run in float32 in each vector lane over at most 4096 elements of the slice (NEON:
// 2048) and in float64 from there on, plain Go in float64 throughout; their error is in practice below 1e-6·Σ|dout·∂ₖf|.

// DenoiseGrad writes the gradient with respect to u, given the gradient dout with respect to f(u), and adds the
// gradient with respect to θ. du may be dout or u. The workspace is that of Denoise.
func DenoiseGrad(ws *DenoiseWorkspace, du []float32, dtheta []float64, dout, u, theta []float32, f Family) {
	denoiseGradLevel(best, ws, du, dtheta, dout, u, theta, f)
}

func denoiseGradLevel(level Level, ws *DenoiseWorkspace, du []float32, dtheta []float64, dout, u, theta []float32, f Family) {
	sameLength(len(du), len(u))
	sameLength(len(dout), len(u))
	sameLength(len(theta), f.Params())
	sameLength(len(dtheta), f.Params())
	if f.isSpline() {
		ws.prepared(f, theta).grad(level, du, dtheta, dout, u)
		return
	}
	d, gain := newDenoiser(f, theta)
	var sums [MaxParams]float64
	if level == Scalar {
		denoiseGradScalar(du, &sums, dout, u, &d, f)
	} else {
		run := level.sumRun(denoiseRun)
		for lo := 0; lo < len(u); lo += run {
			hi := min(lo+run, len(u))
			denoiseGradVector(level, du[lo:hi], &sums, dout[lo:hi], u[lo:hi], &d, f)
		}
	}
	addGains(dtheta, &sums, &gain, 1)
}

// denoiseRun is the number of elements that the vector kernels sum in float32.
const denoiseRun = 4096

func denoiseGradScalar(du []float32, sums *[MaxParams]float64, dout, u []float32, d *denoiser, f Family) {
	for i, v := range u {
		p := d.at(f, v)
		g := dout[i]
		for k, x := range p.partial[:f.Params()] {
			sums[k] += float64(g) * float64(x)
		}
		du[i] = float32(g * p.slope)
	}
}

func denoiseGradVector(level Level, du []float32, sums *[MaxParams]float64, dout, u []float32, d *denoiser, f Family) {
	y, g, x, n, p := unsafe.SliceData(du), unsafe.SliceData(dout), unsafe.SliceData(u), len(u), (*byte)(unsafe.Pointer(d))
	s := &sums[0]
	vector.DenoiseGrad(level == AVX512, families[f].vector, y, s, g, x, n, p)
}
