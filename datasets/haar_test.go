package datasets_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"autoamp/datasets"
)

func TestHaarIsOrthonormal(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{1, 1}, {1, 9}, {9, 1}, {3, 5}, {5, 3}, {64, 64}, {50, 100}, {150, 100}, {256, 200}} {
		rows, cols := size[0], size[1]
		t.Run(fmt.Sprintf("%dx%d", rows, cols), func(t *testing.T) {
			t.Parallel()
			b, err := datasets.Haar(rows, cols, 3)
			if err != nil {
				t.Fatal(err)
			}
			want := max(1, float64(rows)/float64(cols))
			short, at := rows, func(i, k int) float64 { return float64(b[i*cols+k]) }
			if rows > cols {
				short, at = cols, func(i, k int) float64 { return float64(b[k*cols+i]) }
			}
			for i := range short {
				for j := range i + 1 {
					var dot float64
					for k := range max(rows, cols) {
						dot += at(i, k) * at(j, k)
					}
					if i == j {
						dot -= want
					}
					// Entries are rounded to float32: a dot product of unit vectors errs by 2⁻²⁴ at most.
					if math.Abs(dot) > 2e-7*want {
						t.Fatalf("product of %d and %d is off by %g", i, j, dot)
					}
				}
			}
		})
	}
}

// Under the Haar law any entry of an orthonormal (n, d) matrix has mean 0 and variance 1/d, and
// d·E b⁴ = 3/(d+2). Without the signs of R's diagonal the first column would have one sign.
func TestHaarIsUniform(t *testing.T) {
	t.Parallel()
	const d, n, seeds = 8, 5, 20000
	var mean, square, four moment
	for seed := range uint64(seeds) {
		b, err := datasets.Haar(n, d, seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []float32{b[0], b[(n-1)*d+n-1]} { // corners: where signs would show
			v := float64(v)
			mean.add(v)
			square.add(v * v)
			four.add(v * v * v * v)
		}
	}
	mean.check(t, "E b", 0)
	square.check(t, "E b²", 1.0/d)
	four.check(t, "E b⁴", 3.0/(d*(d+2)))
}

func TestHaarIsAFunctionOfItsSeed(t *testing.T) {
	t.Parallel()
	a, _ := datasets.Haar(20, 30, 5)
	b, _ := datasets.Haar(20, 30, 5)
	c, _ := datasets.Haar(20, 30, 6)
	if !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Error("the matrix is not a function of its seed")
	}
	if _, err := datasets.Haar(0, 3, 1); err == nil {
		t.Error("0 rows are accepted")
	}
}

func BenchmarkHaar(b *testing.B) {
	for b.Loop() {
		if _, err := datasets.Haar(512, 512, 1); err != nil {
			b.Fatal(err)
		}
	}
}
