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
// processor if it does not support that one.
func NewWorkspace(level Level) *Workspace {
	level = orBest(level)
	a, b := packSizes(level)
	return &Workspace{level: level, a: alignedFloats(a), b: alignedFloats(b)}
}

// Level returns the level at which the workspace's products run.
func (ws *Workspace) Level() Level { return ws.level }

// Matrix is an operand of a product, row-major.
type Matrix struct {
	Data   []float32
	Stride int  // from one row to the next, at least the number of columns
	Trans  bool // the product's operand is the transpose of the stored matrix
}

// Product is C = α·op(A)·op(B) + β·C, where op(X) is X or, if so flagged, its transpose: op(A) is (M, K), op(B) is (K, N)
// and C is (M, N), which must not overlap A or B.
type Product struct {
	M, N, K     int
	Alpha, Beta float32
	A, B, C     Matrix
}

// Transposed returns the same product as Cᵀ = op(B)ᵀ·op(A)ᵀ.
func (p Product) Transposed() Product {
	p.M, p.N = p.N, p.M
	p.A, p.B = p.B, p.A
	for _, x := range []*Matrix{&p.A, &p.B, &p.C} {
		x.Trans = !x.Trans
	}
	return p
}

// Gemm computes a product. C is stored as it is, not transposed. Where β is 0, C is written without being read, and where
// α is 0, A and B are not read: a NaN there does not survive.
//
// Each element is one sum over k in increasing order, in blocks of some hundred whose partial sums are
// added in order: its value depends on its row of op(A), its column of op(B), k and the level. It does
// not depend on m, n or its place. So rows of a product can be computed in pieces without changing a
// bit.
//
// Gemm panics if a slice is too short for its matrix, and where C.Trans is set. It does not allocate.
func Gemm(ws *Workspace, p Product) {
	m, n, k := p.M, p.N, p.K
	if m < 0 || n < 0 || k < 0 {
		panic(fmt.Sprintf("kernels: gemm of m = %d, n = %d, k = %d: must not be negative", m, n, k))
	}
	if p.C.Trans {
		panic("kernels: gemm: C must not be transposed")
	}
	if m == 0 || n == 0 {
		return
	}
	p.C.check("C", m, n)
	if p.Alpha == 0 || k == 0 {
		scaleMatrix(p.C, m, n, p.Beta)
		return
	}
	p.A.check("A", m, k)
	p.B.check("B", k, n)
	// The kernels know C = A·B, the usual case, and C = α·A·B + C.
	overwrite := p.Alpha == 1 && p.Beta == 0
	if !overwrite && p.Beta != 1 {
		scaleMatrix(p.C, m, n, p.Beta)
	}
	if ws.level == Scalar {
		ws.gemmScalar(&p, overwrite)
		return
	}
	ws.gemmVector(&p, overwrite)
}

// check panics unless the slice holds an operand of rows × cols.
func (x *Matrix) check(name string, rows, cols int) {
	if x.Trans {
		rows, cols = cols, rows
	}
	if x.Stride < cols || len(x.Data) < (rows-1)*x.Stride+cols {
		panic(fmt.Sprintf("kernels: gemm: %s of %d × %d, stride %d, in a slice of %d", name, rows, cols, x.Stride, len(x.Data)))
	}
}

// scaleMatrix computes C = β·C, without reading C where β is 0.
func scaleMatrix(c Matrix, m, n int, beta float32) {
	for i := range m {
		row := c.Data[i*c.Stride:][:n]
		if beta == 0 {
			clear(row)
			continue
		}
		for j := range row {
			row[j] *= beta
		}
	}
}

// from returns the data from value (i, k) on, which is at k·stride + i if inner and at i·stride + k otherwise.
func (x *Matrix) from(inner bool, i, k int) []float32 {
	if inner {
		return x.Data[k*x.Stride+i:]
	}
	return x.Data[i*x.Stride+k:]
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
