package tensorboard

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The picture of a product against the whole product: sizes with and without blocks, and rests of strips.
func TestShrunk(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	dense := func(rows, cols int) *mat.Dense {
		m := mat.NewDense(rows, cols, nil)
		m.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, m)
		return m
	}
	for _, d := range []int{1, 5, 64, 65, 256, 257, 700} {
		b, a := dense(d/2+1, d), dense(d, d/2+1)
		for _, left := range []mat.Matrix{b.T(), a} {
			var whole mat.Dense
			whole.Mul(left, b)
			block := (d + mostPixels - 1) / mostPixels
			got := shrunk(left, b)
			if rows, cols := got.Dims(); rows > mostPixels || rows != cols || rows != (d+block-1)/block {
				t.Fatalf("d = %d: %d × %d", d, rows, cols)
			}
			for i := range d {
				for j := range d {
					if x, of := whole.At(i, j), got.At(i/block, j/block); math.Abs(x) > math.Abs(of)+1e-12 {
						t.Fatalf("d = %d: (%d, %d) is %g, its block's largest %g", d, i, j, x, of)
					}
				}
			}
			if sum := blockSum(&whole, block); math.Abs(sum-mat.Sum(got)) > 1e-9 {
				t.Errorf("d = %d: the largest of the blocks add up to %g, want %g", d, mat.Sum(got), sum)
			}
		}
	}
}

// blockSum adds the numbers of largest size in the blocks of m.
func blockSum(m *mat.Dense, block int) (sum float64) {
	d, _ := m.Dims()
	for i := 0; i < d; i += block {
		for j := 0; j < d; j += block {
			part := m.Slice(i, min(i+block, d), j, min(j+block, d))
			if high, low := mat.Max(part), mat.Min(part); high > -low {
				sum += high
			} else {
				sum += low
			}
		}
	}
	return sum
}
