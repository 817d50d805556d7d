package kernels_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"autoamp/kernels"
)

// sparse is one call of SparseGemm on operands whose rows are longer than the matrix, a share of whose X is not zero.
type sparse struct {
	kernels.Product
	share float64
}

func newSparse(transX, transP, transC bool, m, n, k int, beta float32, share float64) *sparse {
	r := rand.New(rand.NewPCG(uint64(m), uint64(n*1000+k)))
	operand := func(rows, cols int, trans bool) kernels.Matrix {
		data, stride := randomMatrix(r, rows, cols, trans)
		return kernels.Matrix{Data: data, Stride: stride, Trans: trans}
	}
	p := &sparse{share: share, Product: kernels.Product{
		M: m, N: n, K: k, Alpha: 1, Beta: beta, A: operand(m, k, transX), B: operand(k, n, transP), C: operand(m, n, transC),
	}}
	for i := range p.A.Data {
		if r.Float64() >= share {
			p.A.Data[i] = float32(math.Copysign(0, float64(p.A.Data[i])))
		}
	}
	return p
}

func (p *sparse) String() string {
	return fmt.Sprintf("transX=%v/transP=%v/transC=%v/%dx%dx%d/beta=%v/share=%v", p.A.Trans, p.B.Trans, p.C.Trans, p.M, p.N, p.K, p.Beta, p.share)
}

// check compares SparseGemm with Gemm: all of C and what is between its rows, NaN with NaN and zeros of both signs.
func (p *sparse) check(t *testing.T, ws workspaces) {
	t.Helper()
	want, got := p.Product, p.Product
	want.C.Data, got.C.Data = slices.Clone(p.C.Data), slices.Clone(p.C.Data)
	kernels.SparseGemm(ws.sparse, got)
	if want.C.Trans {
		want = want.Transposed()
	}
	kernels.Gemm(ws.dense, want)
	for i, w := range want.C.Data {
		if g := got.C.Data[i]; g != w && (g == g || w == w) {
			t.Fatalf("C(%d, %d) as stored = %v, Gemm has %v", i/p.C.Stride, i%p.C.Stride, g, w)
		}
	}
}

// workspaces are those of the two products to compare, at one level.
type workspaces struct {
	dense  *kernels.Workspace
	sparse *kernels.SparseWorkspace
}

func forEachSparseLevel(t *testing.T, f func(t *testing.T, ws workspaces)) {
	for _, level := range kernels.Levels() {
		t.Run(level.String(), func(t *testing.T) {
			t.Parallel()
			dense := kernels.NewWorkspace(level)
			f(t, workspaces{dense, kernels.NewSparseWorkspace(dense)})
		})
	}
}

// TestSparseGemm has sizes around the limits of lanes, tiles, their depth, Gemm's blocks, packed rows of P and compressed rows of X.
func TestSparseGemm(t *testing.T) {
	t.Parallel()
	sizes := [][3]int{ // m, n, k
		{1, 1, 1}, {1, 3, 17}, {3, 1, 5}, {17, 17, 4}, {16, 64, 64}, {65, 24, 61}, {63, 65, 97}, {100, 100, 100}, {129, 128, 193},
		{70, 130, 257}, {40, 72, 385}, {9, 200, 784}, {33, 40, 1025}, {513, 16, 30}, {1030, 9, 65}, {12, 24, 2100},
	}
	forEachSparseLevel(t, func(t *testing.T, ws workspaces) {
		shares, cases := []float64{0, 0.1, 0.4, 0.1, 1}, 0
		for _, size := range sizes {
			transpositions(func(transX, transP, transC bool) {
				for _, beta := range []float32{0, 1} {
					p := newSparse(transX, transP, transC, size[0], size[1], size[2], beta, shares[cases%len(shares)])
					t.Run(p.String(), func(t *testing.T) { p.check(t, ws) })
					cases++
				}
			})
		}
	})
}

// TestSparseGemmRagged goes through every remainder of rows, columns and inner indices.
func TestSparseGemmRagged(t *testing.T) {
	t.Parallel()
	forEachSparseLevel(t, func(t *testing.T, ws workspaces) {
		for i := 1; i <= 70; i++ {
			transpositions(func(transX, transP, transC bool) {
				for _, size := range [][3]int{{i, 5, 7}, {6, i, 7}, {6, 5, i}, {20, 60 + i, 3}, {20, 3, 60 + i}} {
					p := newSparse(transX, transP, transC, size[0], size[1], size[2], float32(i%2), 0.3)
					t.Run(p.String(), func(t *testing.T) { p.check(t, ws) })
				}
			})
		}
	})
}

// TestSparseGemmUneven multiplies an X some of whose rows have no zeros and some nothing else, or some of whose columns.
func TestSparseGemmUneven(t *testing.T) {
	t.Parallel()
	forEachSparseLevel(t, func(t *testing.T, ws workspaces) {
		for _, byRows := range []bool{true, false} {
			p := newSparse(false, true, false, 90, 70, 300, 0, 1)
			for i := range p.M {
				for l := range p.K {
					place := i
					if !byRows {
						place = l
					}
					if place%4 != 1 {
						p.A.Data[i*p.A.Stride+l] = 0
					}
				}
			}
			p.check(t, ws)
		}
	})
}

// TestSparseGemmNotFinite puts a NaN or Inf where X has a zero, and where it has none. Zero times NaN is NaN, as in Gemm.
func TestSparseGemmNotFinite(t *testing.T) {
	t.Parallel()
	forEachSparseLevel(t, func(t *testing.T, ws workspaces) {
		for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			transpositions(func(transX, transP, transC bool) {
				for _, beta := range []float32{0, 1} {
					p := newSparse(transX, transP, transC, 40, 150, 300, beta, 0.2)
					p.A.Data[7] = float32(v)
					p.check(t, ws)
					p.B.Data[len(p.B.Data)/2] = float32(v)
					p.check(t, ws)
					clear(p.A.Data)
					p.check(t, ws)
				}
			})
		}
	})
}

func TestSparseGemmBetaZero(t *testing.T) {
	t.Parallel()
	forEachSparseLevel(t, func(t *testing.T, ws workspaces) {
		transpositions(func(transX, transP, transC bool) {
			p := newSparse(transX, transP, transC, 37, 21, 66, 0, 0.2)
			for i := range p.C.Data {
				p.C.Data[i] = float32(math.NaN())
			}
			p.check(t, ws)
			p.K = 0
			p.check(t, ws)
		})
	})
}

// Not parallel: other tests' allocations would be counted.
func TestSparseGemmAllocations(t *testing.T) {
	for _, level := range kernels.Levels() {
		ws := kernels.NewSparseWorkspace(kernels.NewWorkspace(level))
		for _, share := range []float64{0.2, 1} {
			p := newSparse(true, false, true, 100, 90, 80, 1, share)
			if n := testing.AllocsPerRun(10, func() { kernels.SparseGemm(ws, p.Product) }); n != 0 {
				t.Errorf("%v, share %v: %v allocations", level, share, n)
			}
		}
	}
}

func TestSparseGemmPanics(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(p *kernels.Product){
		"alpha":   func(p *kernels.Product) { p.Alpha = 2 },
		"beta":    func(p *kernels.Product) { p.Beta = 2 },
		"m":       func(p *kernels.Product) { p.M = -1 },
		"short X": func(p *kernels.Product) { p.A.Data = p.A.Data[:5] },
		"short P": func(p *kernels.Product) { p.B.Data = p.B.Data[:5] },
		"short C": func(p *kernels.Product) { p.C.Data = p.C.Data[:5] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			p := newSparse(false, false, false, 10, 10, 10, 0, 0.1).Product
			change(&p)
			kernels.SparseGemm(kernels.NewSparseWorkspace(kernels.NewWorkspace(kernels.BestLevel())), p)
		})
	}
}
