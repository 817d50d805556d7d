package kernels

import (
	"fmt"
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// Matrix64 is a row-major matrix of float64.
type Matrix64 struct {
	Data   []float64
	Stride int // from one row to the next, at least the number of columns
}

// Gemm64 computes C = A·B (=) in float64: A is (m, k), B is (k, n) and C is (m, n), which must not overlap A or B.
//
// Each element is one sum over k in increasing order, in blocks of 192 whose partial sums are added in order. It is fused
// multiply-adds at every level but plain Go, which rounds products too. Gemm64 panics if a slice is too short for its matrix. It
// does not allocate.
//
// It is for the CPU's theory and alternating minimisation, products of some hundred rows: B is not packed, so that large
// matrices, and those whose stride is a multiple of 512, are slower than in Gemm.
func Gemm64(m, n, k int, a, b, c Matrix64) {
	checkGemm64("A", a, m, k)
	checkGemm64("B", b, k, n)
	checkGemm64("C", c, m, n)
	p := panel64{stepA: 8 * a.Stride, stepB: 8 * b.Stride, stepC: 8 * c.Stride, byRows: 1, alpha: 1}
	for i := 0; i < m; i += rows64 {
		p.rows, p.cols = min(rows64, m-i), n
		for l := 0; l < k; l += depth64 {
			p.depth = min(depth64, k-l)
			p.run(a.Data[i*a.Stride+l:], b.Data[l*b.Stride:], c.Data[i*c.Stride:])
		}
		p.add = 0
	}
	if k == 0 {
		clear64(c, m, n)
	}
}

// Gram64 computes the upper triangle, diagonal included, of C = AᵀA (=) in float64: A is (k, n) and C is (n, n), which must
// not overlap A. Some elements below the diagonal are written too. Sums are as in Gemm64.
func Gram64(n, k int, a, c Matrix64) {
	checkGemm64("A", a, k, n)
	checkGemm64("C", c, n, n)
	p := panel64{stepA: 8 * a.Stride, stepB: 8 * a.Stride, stepC: 8 * c.Stride, alpha: 1}
	for i := 0; i < n; i += rows64 {
		p.rows, p.cols = min(rows64, n-i), n-i
		for l := 0; l < k; l += depth64 {
			p.depth = min(depth64, k-l)
			rows := a.Data[l*a.Stride+i:]
			p.run(rows, rows, c.Data[i*c.Stride+i:])
		}
		p.add = 0
	}
	if k == 0 {
		clear64(c, n, n)
	}
}

// rows64 are the rows of C in registers. depth64 rows of B and of a transposed A lie in the first-level cache together.
const (
	rows64  = 6
	tile64  = 8 // columns of C in registers
	depth64 = 192
)

// panel64 is the argument of vector.Panel64, as panel is of vector.Panel.
type panel64 struct {
	a      *float64
	stepA  int
	b      *float64
	stepB  int
	nextB  int
	c      *float64
	stepC  int
	rows   int
	cols   int
	depth  int
	byRows int
	add    int
	alpha  float64
}

// run adds a block of depth values of k, or writes the first one.
func (p *panel64) run(a, b, c []float64) {
	if best == Scalar {
		p.scalar(a, b, c)
	} else {
		p.a, p.b, p.c, p.nextB = &a[0], &b[0], &c[0], 8*tile64
		vector.Panel64((*byte)(unsafe.Pointer(p)))
	}
	p.add = 1
}

// scalar is run in plain Go.
func (p *panel64) scalar(a, b, c []float64) {
	for r := range p.rows {
		row := c[r*p.stepC/8:][:p.cols]
		if p.add == 0 {
			clear(row)
		}
		inRow, next := r, p.stepA/8 // of a transposed A
		if p.byRows == 1 {
			inRow, next = r*p.stepA/8, 1
		}
		for l := range p.depth {
			x := a[inRow+l*next]
			for j, y := range b[l*p.stepB/8:][:p.cols] {
				row[j] += x * y
			}
		}
	}
}

// clear64 writes zeros.
func clear64(c Matrix64, m, n int) {
	for i := range m {
		clear(c.Data[i*c.Stride:][:n])
	}
}

// checkGemm64 panics unless the slice holds a matrix of rows × cols.
func checkGemm64(name string, x Matrix64, rows, cols int) {
	if rows < 0 || cols < 0 || x.Stride < cols || rows > 0 && len(x.Data) < (rows-1)*x.Stride+cols {
		panic(fmt.Sprintf("kernels: float64 product: %s of %d × %d, stride %d, in a slice of %d", name, rows, cols, x.Stride, len(x.Data)))
	}
}
