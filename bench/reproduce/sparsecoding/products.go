package sparsecoding

import "autoamp/kernels"

// Products returns the inner products of the rows of a, (p, dim), with the rows of b, (q, dim): a matrix (p, q), row-major.
func Products(a, b []float32, dim int) []float32 {
	p, q := len(a)/dim, len(b)/dim
	out := make([]float32, p*q)
	kernels.Gemm(kernels.NewWorkspace(kernels.BestLevel()), kernels.Product{
		M: p, N: q, K: dim, Alpha: 1,
		A: kernels.Matrix{Data: a, Stride: dim},
		B: kernels.Matrix{Data: b, Stride: dim, Trans: true},
		C: kernels.Matrix{Data: out, Stride: q},
	})
	return out
}
