package kernels

import (
	"math/rand/v2"
	"testing"
)

// TestSparseGemmChoice asserts that an X with many zeros is compressed, and that another one is recognised from a few places.
func TestSparseGemmChoice(t *testing.T) {
	t.Parallel()
	const m, n, k = 200, 150, 300
	for share, want := range map[float64]bool{0: true, 0.1: true, 0.4: true, 0.6: false, 1: false} {
		r := rand.New(rand.NewPCG(1, 2))
		x := make([]float32, m*k)
		for i := range x {
			if r.Float64() < share {
				x[i] = 1
			}
		}
		for _, trans := range []bool{false, true} {
			p := Product{M: m, N: n, K: k, Alpha: 1, A: Matrix{Data: x, Stride: k, Trans: trans}}
			if trans {
				p.M, p.K = k, m
			}
			if got := p.A.looksSparse(p.M, p.K, sparseLimit); got != want {
				t.Errorf("share %v, transposed %v: looks sparse %v, want %v", share, trans, got, want)
			}
			for level := AVX2; level <= best; level++ {
				ws := NewSparseWorkspace(NewWorkspace(level))
				if got := ws.compress(p); got != want {
					t.Errorf("%v, share %v, transposed %v: compressed %v, want %v", level, share, trans, got, want)
				}
			}
		}
	}
}
