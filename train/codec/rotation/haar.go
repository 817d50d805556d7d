package rotation

import (
	"autoamp/datasets"
	"autoamp/kernels"
)

// haar is a uniformly distributed matrix.
type haar struct {
	n, d int
	b    []float32 // (n, d)
}

func newHaar(s Spec) (*haar, error) {
	b, err := datasets.Haar(s.Bits, s.Dim, s.Seed)
	return &haar{s.Bits, s.Dim, b}, err
}

func (h *haar) row(i int) []float32 { return h.b[i*h.d:][:h.d] }

func (h *haar) apply(dst, x []float64) {
	for i := range dst {
		sum := 0.0
		for j, b := range h.row(i) {
			sum += float64(b) * x[j]
		}
		dst[i] = sum
	}
}

func (h *haar) applyTransposed(dst, z []float64) {
	clear(dst)
	for i, v := range z {
		for j, b := range h.row(i) {
			dst[j] += float64(b) * v
		}
	}
}

func (h *haar) newWorker() Worker {
	return &haarWorker{h, kernels.NewWorkspace(kernels.BestLevel())}
}

type haarWorker struct {
	*haar

	space *kernels.Workspace
}

func (w *haarWorker) Forward(dst, x []float32) {
	kernels.Gemm(w.space, kernels.Product{
		M: len(x) / w.d, N: w.n, K: w.d, Alpha: 1,
		A: kernels.Matrix{Data: x, Stride: w.d}, B: kernels.Matrix{Data: w.b, Stride: w.d, Trans: true}, C: kernels.Matrix{Data: dst, Stride: w.n},
	})
}

func (w *haarWorker) Back(dst, z []float32) {
	kernels.Gemm(w.space, kernels.Product{
		M: len(z) / w.n, N: w.d, K: w.n, Alpha: 1,
		A: kernels.Matrix{Data: z, Stride: w.n}, B: kernels.Matrix{Data: w.b, Stride: w.d}, C: kernels.Matrix{Data: dst, Stride: w.d},
	})
}
