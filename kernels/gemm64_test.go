package kernels_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"autoamp/kernels"
)

// random64 is a matrix whose rows lie apart; the gaps hold NaN, and nothing lies behind the last element.
func random64(r *rand.Rand, rows, cols int) kernels.Matrix64 {
	m := kernels.Matrix64{Stride: cols + 1 + r.IntN(4)}
	m.Data = make([]float64, max(0, (rows-1)*m.Stride+cols))
	for i := range m.Data {
		m.Data[i] = math.NaN()
		if i%m.Stride < cols {
			m.Data[i] = r.NormFloat64()
		}
	}
	return m
}

// Gemm64 and Gram64 against one sum for each element, at every number of rows of a panel, at every rest of a tile, and
// across blocks of k. Errors of k roundings add up like a random walk: 10·√k·2⁻⁵³ of Σ|aᵢbᵢ| is never reached by a correct sum.
func TestGemm64(t *testing.T) {
	t.Parallel()
	for _, size := range [][3]int{{1, 1, 1}, {6, 8, 3}, {7, 9, 5}, {5, 3, 192}, {13, 23, 193}, {11, 17, 400}, {2, 4, 0}, {0, 3, 2}, {40, 31, 60}} {
		m, n, k := size[0], size[1], size[2]
		t.Run(fmt.Sprintf("%dx%dx%d", m, n, k), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(m), uint64(1000*n+k)))
			a, b, c, g := random64(r, m, k), random64(r, k, n), random64(r, m, n), random64(r, n, n)
			kernels.Gemm64(m, n, k, a, b, c)
			kernels.Gram64(n, k, b, g)
			check := func(what string, i, j int, got float64, left func(l int) float64) {
				want, size := 0.0, 0.0
				for l := range k {
					term := left(l) * b.Data[l*b.Stride+j]
					want, size = want+term, size+math.Abs(term)
				}
				if !(math.Abs(got-want) <= 10*math.Sqrt(float64(k))/(1<<53)*size) {
					t.Errorf("%s (%d, %d): %v, want %v", what, i, j, got, want)
				}
			}
			for i := range m {
				for j := range n {
					check("A·B", i, j, c.Data[i*c.Stride+j], func(l int) float64 { return a.Data[i*a.Stride+l] })
				}
			}
			for i := range n {
				for j := i; j < n; j++ {
					check("BᵀB", i, j, g.Data[i*g.Stride+j], func(l int) float64 { return b.Data[l*b.Stride+i] })
				}
			}
			for i, v := range c.Data {
				if i%c.Stride >= n && !math.IsNaN(v) {
					t.Fatalf("A·B: wrote %v behind row %d", v, i/c.Stride)
				}
			}
		})
	}
}

// 200 rows are alternating minimisation's at d = 400.
func BenchmarkGemm64(b *testing.B) {
	const m, n, k = 120, 200, 200
	dense := func(rows, cols int) kernels.Matrix64 {
		return kernels.Matrix64{Data: make([]float64, rows*cols), Stride: cols}
	}
	x, y, z := dense(m, k), dense(k, n), dense(m, n)
	for b.Loop() {
		kernels.Gemm64(m, n, k, x, y, z)
	}
	b.ReportMetric(2*m*n*k*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
