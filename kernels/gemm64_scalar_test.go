package kernels

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The plain Go panel, which processors without AVX2 use, against one sum for each element: A by rows and by columns, C
// written and added to.
func TestPanel64Scalar(t *testing.T) {
	t.Parallel()
	const rows, cols, depth, stride = 5, 7, 6, 11
	r := rand.New(rand.NewPCG(4, 2))
	random := func() []float64 {
		x := make([]float64, stride*stride)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		return x
	}
	for _, byRows := range []int{0, 1} {
		for _, add := range []int{0, 1} {
			a, b, c := random(), random(), random()
			before := append([]float64(nil), c...)
			p := panel64{stepA: 8 * stride, stepB: 8 * stride, stepC: 8 * stride, rows: rows, cols: cols, depth: depth, byRows: byRows, add: add}
			p.scalar(a, b, c)
			for i := range rows {
				for j := range cols {
					want := float64(add) * before[i*stride+j]
					for l := range depth {
						x := a[l*stride+i]
						if byRows == 1 {
							x = a[i*stride+l]
						}
						want += x * b[l*stride+j]
					}
					if got := c[i*stride+j]; math.Abs(got-want) > 1e-14*depth {
						t.Errorf("by rows %d, add %d, (%d, %d): %v, want %v", byRows, add, i, j, got, want)
					}
				}
			}
		}
	}
}
