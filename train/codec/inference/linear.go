package inference

import (
	"math/bits"

	"autoamp/amp"
	"autoamp/kernels"
	"autoamp/train/codec/rotation"
)

// linear is x̂ = α·Bᵀy, α = μ/(μ² + σ²).
type linear struct{ alpha float32 }

func newLinear(b *rotation.Rotation) (linear, float64) {
	mu, sigma2 := amp.HaarChannel(b.Rate())
	noise := channelNoise(b)
	return linear{float32(mu / (mu*mu + sigma2))}, noise / (1 + noise)
}

func (l linear) run(w *Worker) {
	w.product.Back(w.x, w.y)
	kernels.Scale(w.x, w.x, l.alpha)
}

// denoiser is x̂ = E[x | Bᵀy/μ], coordinate by coordinate.
type denoiser struct {
	scale float32 // 1/μ
	mean  *table
}

func newDenoiser(law amp.Prior, b *rotation.Rotation) (denoiser, float64) {
	mu, _ := amp.HaarChannel(b.Rate())
	noise := channelNoise(b)
	return denoiser{float32(1 / mu), posteriorTable(law, noise, 1, 0)}, law.MMSE(noise)
}

func (s denoiser) run(w *Worker) {
	w.product.Back(w.x, w.y)
	kernels.Scale(w.x, w.x, s.scale)
	s.mean.apply(w.x, w.x)
}

// wrongSigns is the number of signs of w.z, row i, that are not the code's.
func (w *Worker) wrongSigns(code []byte, i int) int {
	kernels.PackSigns(w.packed, w.z[i*w.n:][:w.n])
	wrong := 0
	for k, b := range w.packed {
		wrong += bits.OnesCount8(b ^ code[k])
	}
	return wrong
}
