package kernels

import (
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// The squared error of a denoised estimate and its gradient, in one pass.
//
//	e[i]       = f(u[i]) − x[i]
//	du[i]      = scale·e[i]·f′(u[i])
//	dtheta[k] += scale·Σᵢ e[i]·∂ₖf(u[i])
//	result     = Σᵢ e[i]²
//
// Accuracy and NaN as in denoise.go and denoise_grad.go, sums as in denoise_grad.go.

// DenoiseMSE returns Σ(f(u)−x)² and writes its gradient: scale is 2/(b·d) for the mean over a batch. du may be u or x.
// With du and dtheta both nil only the sum is computed. The workspace is that of Denoise.
func DenoiseMSE(ws *DenoiseWorkspace, du []float32, dtheta []float64, u, x, theta []float32, scale float32, f Family) (sumSquares float64) {
	return denoiseMSELevel(best, ws, du, dtheta, u, x, theta, scale, f)
}

func denoiseMSELevel(level Level, ws *DenoiseWorkspace, du []float32, dtheta []float64, u, x, theta []float32, scale float32, f Family) float64 {
	sameLength(len(x), len(u))
	sameLength(len(theta), f.Params())
	if f.isSpline() {
		return splineMSE(level, ws.prepared(f, theta), du, dtheta, u, x, scale, f)
	}
	d, gain := newDenoiser(f, theta)
	if du == nil && dtheta == nil {
		return denoiseError(level, u, x, &d, f)
	}
	sameLength(len(du), len(u))
	sameLength(len(dtheta), f.Params())
	d.scale = scale
	var sums [MaxParams]float64
	var sum float64
	if level == Scalar {
		sum = denoiseMSEScalar(du, &sums, u, x, &d, f)
	} else {
		run := level.sumRun(denoiseRun)
		for lo := 0; lo < len(u); lo += run {
			hi := min(lo+run, len(u))
			denoiseMSEVector(level, du[lo:hi], &sum, &sums, u[lo:hi], x[lo:hi], &d, f)
		}
	}
	addGains(dtheta, &sums, &gain, float64(scale))
	return sum
}

func splineMSE(level Level, s *spline, du []float32, dtheta []float64, u, x []float32, scale float32, f Family) float64 {
	if du == nil && dtheta == nil {
		return s.squaredError(level, u, x)
	}
	sameLength(len(du), len(u))
	sameLength(len(dtheta), f.Params())
	return s.mse(level, du, dtheta, u, x, float64(scale))
}

func denoiseError(level Level, u, x []float32, d *denoiser, f Family) (sum float64) {
	if level == Scalar {
		return denoiseErrorScalar(u, x, d, f)
	}
	run := level.sumRun(denoiseRun)
	for lo := 0; lo < len(u); lo += run {
		hi := min(lo+run, len(u))
		denoiseErrorVector(level, &sum, u[lo:hi], x[lo:hi], d, f)
	}
	return sum
}

func denoiseErrorScalar(u, x []float32, d *denoiser, f Family) (sum float64) {
	for i, v := range u {
		e := d.at(f, v).value - x[i]
		sum += float64(e) * float64(e)
	}
	return sum
}

func denoiseMSEScalar(du []float32, sums *[MaxParams]float64, u, x []float32, d *denoiser, f Family) (sum float64) {
	for i, v := range u {
		p := d.at(f, v)
		e := p.value - x[i]
		sum += float64(e) * float64(e)
		for k, q := range p.partial[:f.Params()] {
			sums[k] += float64(e) * float64(q)
		}
		du[i] = float32(float32(d.scale*e) * p.slope)
	}
	return sum
}

func denoiseErrorVector(level Level, sum *float64, u, x []float32, d *denoiser, f Family) {
	v, w, n, p := unsafe.SliceData(u), unsafe.SliceData(x), len(u), (*byte)(unsafe.Pointer(d))
	vector.DenoiseError(level == AVX512, families[f].vector, sum, v, w, n, p)
}

func denoiseMSEVector(level Level, du []float32, sum *float64, sums *[MaxParams]float64, u, x []float32, d *denoiser, f Family) {
	y, v, w, n, p := unsafe.SliceData(du), unsafe.SliceData(u), unsafe.SliceData(x), len(u), (*byte)(unsafe.Pointer(d))
	s := &sums[0]
	vector.DenoiseMSE(level == AVX512, families[f].vector, y, sum, s, v, w, n, p)
}
