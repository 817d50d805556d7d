//go:build !amd64

package kernels

func packSizes(Level) (a, b int) { return packSizesScalar() }

func (ws *Workspace) gemmVector(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, overwrite bool, c []float32, ldc int) {
	panic("kernels: no vector level on this architecture")
}
