package kernels

import (
	"fmt"
	"unsafe"
)

// Workspace holds the packing buffers of matrix products, which are allocated once. Goroutines must
// not share a workspace; products in different workspaces may run at the same time.
type Workspace struct {
	level Level
	a, b  []float32 // aligned to cache lines
}

// NewWorkspace returns a workspace whose products run at the given level, or at the best level of this
// processor if that is lower.
func NewWorkspace(level Level) *Workspace {
	level = min(level, best)
	a, b := packSizes(level)
	return &Workspace{level: level, a: alignedFloats(a), b: alignedFloats(b)}
}

// Level returns the level at which the workspace's products run.
func (ws *Workspace) Level() Level { return ws.level }

// Gemm computes C = α·op(A)·op(B) + β·C, where op(X) is X or, if so flagged, its transpose.
//
// All matrices are row-major with rows lda, ldb, ldc values apart: op(A) is (m, k), op(B) is (k, n) and C
// is (m, n), which must not overlap A or B. Where β is 0, C is written without being read, and where
// α is 0, A and B are not read: a NaN there does not survive.
//
// Each element is one sum over k in increasing order, in blocks of some hundred whose partial sums are
// added in order: its value depends on its row of op(A), its column of op(B), k and the level, not
// on m, n or its place. So rows of a product can be computed in pieces without changing a bit.
//
// Gemm panics if a slice is too short for its matrix. It does not allocate.
func Gemm(ws *Workspace, transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if m < 0 || n < 0 || k < 0 {
		panic(fmt.Sprintf("kernels: gemm of m = %d, n = %d, k = %d: must not be negative", m, n, k))
	}
	if m == 0 || n == 0 {
		return
	}
	checkMatrix("C", c, m, n, ldc)
	if alpha == 0 || k == 0 {
		scaleMatrix(c, m, n, ldc, beta)
		return
	}
	checkOperand("A", a, m, k, lda, transA)
	checkOperand("B", b, k, n, ldb, transB)
	// The kernels know C = A·B, the usual case, and C = α·A·B + C.
	overwrite := alpha == 1 && beta == 0
	if !overwrite && beta != 1 {
		scaleMatrix(c, m, n, ldc, beta)
	}
	if ws.level == Scalar {
		ws.gemmScalar(transA, transB, m, n, k, alpha, a, lda, b, ldb, overwrite, c, ldc)
		return
	}
	ws.gemmVector(transA, transB, m, n, k, alpha, a, lda, b, ldb, overwrite, c, ldc)
}

func checkOperand(name string, x []float32, rows, cols, stride int, trans bool) {
	if trans {
		rows, cols = cols, rows
	}
	checkMatrix(name, x, rows, cols, stride)
}

func checkMatrix(name string, x []float32, rows, cols, stride int) {
	if stride < cols || len(x) < (rows-1)*stride+cols {
		panic(fmt.Sprintf("kernels: gemm: %s of %d × %d, stride %d, in a slice of %d", name, rows, cols, stride, len(x)))
	}
}

// scaleMatrix computes C = β·C, without reading C where β is 0.
func scaleMatrix(c []float32, m, n, ldc int, beta float32) {
	for i := range m {
		row := c[i*ldc:][:n]
		if beta == 0 {
			clear(row)
			continue
		}
		for j := range row {
			row[j] *= beta
		}
	}
}

// operand returns x from value (i, k) on, which is x[k·ld + i] if inner and x[i·ld + k] otherwise.
func operand(x []float32, ld int, inner bool, i, k int) []float32 {
	if inner {
		return x[k*ld+i:]
	}
	return x[i*ld+k:]
}

// pieces returns how many pieces of at most limit values size has to be cut into, so that they can
// be made equally long.
func pieces(size, limit int) int { return (size + limit - 1) / limit }

// evenly returns the length of all pieces but the last, a multiple of unit.
func evenly(size, limit, unit int) int {
	n := pieces(size, limit)
	return ((size+n-1)/n + unit - 1) / unit * unit
}

const cacheLine = 64

func alignedFloats(n int) []float32 {
	const line = cacheLine / 4
	x := make([]float32, n+line)
	at := uintptr(unsafe.Pointer(unsafe.SliceData(x))) % cacheLine
	skip := int((cacheLine-at)%cacheLine) / 4
	return x[skip:][:n:n]
}
