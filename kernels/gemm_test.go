package kernels_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"autoamp/kernels"
)

// unit is the unit roundoff u of float32. A sum of k products rounds k times; the errors add up like
// a random walk, so ‖error‖/‖C‖ is about u·√k, and ten times that is never reached by a correct sum.
const unit = 1.0 / (1 << 24)

// product is one call of Gemm on random operands whose rows are longer than the matrix.
type product struct {
	transA, transB bool
	m, n, k        int
	alpha, beta    float32
	lda, ldb, ldc  int
	a, b, c        []float32
}

func newProduct(transA, transB bool, m, n, k int, alpha, beta float32) *product {
	return newProductOf(transA, transB, m, n, k, alpha, beta, 1)
}

// newProductOf makes the strides multiples of strideUnit.
func newProductOf(transA, transB bool, m, n, k int, alpha, beta float32, strideUnit int) *product {
	r := rand.New(rand.NewPCG(uint64(m), uint64(n*1000+k)))
	p := &product{transA: transA, transB: transB, m: m, n: n, k: k, alpha: alpha, beta: beta}
	p.a, p.lda = stridedMatrix(r, m, k, transA, strideUnit)
	p.b, p.ldb = stridedMatrix(r, k, n, transB, strideUnit)
	p.c, p.ldc = stridedMatrix(r, m, n, false, strideUnit)
	return p
}

func randomMatrix(r *rand.Rand, rows, cols int, trans bool) (x []float32, stride int) {
	return stridedMatrix(r, rows, cols, trans, 1)
}

// stridedMatrix is exactly as long as its last element needs; its stride is a multiple of unit.
func stridedMatrix(r *rand.Rand, rows, cols int, trans bool, unit int) (x []float32, stride int) {
	if trans {
		rows, cols = cols, rows
	}
	stride = (cols + unit + r.IntN(4)) / unit * unit
	x = make([]float32, max(0, (rows-1)*stride+cols))
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x, stride
}

// want computes the product in float64.
func (p *product) want() []float64 {
	at := func(x []float32, ld, i, j int, trans bool) float64 {
		if trans {
			i, j = j, i
		}
		return float64(x[i*ld+j])
	}
	want := make([]float64, p.m*p.n)
	row := make([]float64, p.n)
	for i := range p.m {
		clear(row)
		for l := range p.k {
			v := at(p.a, p.lda, i, l, p.transA)
			for j := range row {
				row[j] += v * at(p.b, p.ldb, l, j, p.transB)
			}
		}
		for j, sum := range row {
			want[i*p.n+j] = float64(p.alpha) * sum
			if p.beta != 0 {
				want[i*p.n+j] += float64(p.beta) * float64(p.c[i*p.ldc+j])
			}
		}
	}
	return want
}

func (p *product) run(ws *kernels.Workspace) {
	kernels.Gemm(ws, kernels.Product{
		M: p.m, N: p.n, K: p.k, Alpha: p.alpha,
		A:    kernels.Matrix{Data: p.a, Stride: p.lda, Trans: p.transA},
		B:    kernels.Matrix{Data: p.b, Stride: p.ldb, Trans: p.transB},
		Beta: p.beta,
		C:    kernels.Matrix{Data: p.c, Stride: p.ldc},
	})
}

// check runs the product and compares C, and the numbers between its rows, with the reference.
func (p *product) check(t *testing.T, ws *kernels.Workspace) {
	t.Helper()
	want := p.want()
	before := append([]float32(nil), p.c...)
	p.run(ws)
	var diff2, norm2 float64
	worst, at := 0.0, 0
	for i := range p.m {
		for j := range p.n {
			w, got := want[i*p.n+j], float64(p.c[i*p.ldc+j])
			d := math.Abs(got - w)
			if d > worst || math.IsNaN(d) {
				worst, at = d, i*p.n+j
			}
			diff2 += d * d
			norm2 += w * w
		}
	}
	// On a tiny C the sums may cancel; their size is then the one expected of normal operands.
	expected := float64(p.alpha*p.alpha) * float64(p.m*p.n*p.k)
	norm2 = max(norm2, expected)
	tol := 10 * unit * math.Sqrt(float64(max(p.k, 1)))
	if rel := math.Sqrt(diff2 / norm2); !(diff2 == 0 || rel <= tol) {
		t.Errorf("‖a−b‖/‖b‖ = %.3g, want ≤ %.3g; worst at (%d, %d): got %v, want %v",
			rel, tol, at/p.n, at%p.n, p.c[at/p.n*p.ldc+at%p.n], want[at])
	}
	for i := range p.c {
		if i%p.ldc >= p.n && p.c[i] != before[i] {
			t.Fatalf("wrote beyond row %d, at column %d of %d", i/p.ldc, i%p.ldc, p.n)
		}
	}
}

func forEachTranspose(f func(transA, transB bool)) {
	for _, ta := range []bool{false, true} {
		for _, tb := range []bool{false, true} {
			f(ta, tb)
		}
	}
}

func TestGemm(t *testing.T) {
	t.Parallel()
	small := []int{1, 3, 17, 64, 100}
	var shapes [][3]int
	for _, m := range small {
		for _, n := range small {
			for _, k := range small {
				shapes = append(shapes, [3]int{m, n, k})
			}
		}
	}
	// Every number of rows and columns of a register tile, and sizes around the limits of blocks.
	for i := 1; i <= 34; i++ {
		shapes = append(shapes, [3]int{i, i + 20, 9}, [3]int{9, i, 35})
	}
	shapes = append(shapes, [3]int{29, 513, 385}, [3]int{65, 600, 257}, [3]int{30, 1100, 800}, [3]int{130, 40, 513},
		[3]int{256, 256, 256}, [3]int{70, 512, 384})
	for _, level := range kernels.Levels() {
		t.Run(level.String(), func(t *testing.T) {
			t.Parallel()
			ws := kernels.NewWorkspace(level)
			if ws.Level() != level {
				t.Fatalf("workspace at level %v, want %v", ws.Level(), level)
			}
			forEachTranspose(func(ta, tb bool) {
				for _, s := range shapes {
					t.Run(fmt.Sprintf("transA=%v/transB=%v/%dx%dx%d", ta, tb, s[0], s[1], s[2]), func(t *testing.T) {
						newProduct(ta, tb, s[0], s[1], s[2], 0.75, 0).check(t, ws)
						newProduct(ta, tb, s[0], s[1], s[2], 1, 1).check(t, ws)
						newProduct(ta, tb, s[0], s[1], s[2], -0.5, 2).check(t, ws)
					})
				}
			})
		})
	}
}

// Operands whose rows are whole pages apart are packed, others are not.
func TestGemmPages(t *testing.T) {
	t.Parallel()
	for _, level := range kernels.Levels() {
		t.Run(level.String(), func(t *testing.T) {
			t.Parallel()
			ws := kernels.NewWorkspace(level)
			forEachTranspose(func(ta, tb bool) {
				for _, s := range [][3]int{{1, 40, 9}, {17, 33, 100}, {59, 100, 31}, {100, 17, 64}, {131, 540, 400}, {64, 290, 257}} {
					t.Run(fmt.Sprintf("transA=%v/transB=%v/%dx%dx%d", ta, tb, s[0], s[1], s[2]), func(t *testing.T) {
						newProductOf(ta, tb, s[0], s[1], s[2], 1, 0, 1024).check(t, ws)
						newProductOf(ta, tb, s[0], s[1], s[2], 0.5, 1, 1024).check(t, ws)
					})
				}
			})
		})
	}
}

// A NaN in C must not survive where β = 0 (including −0), nor one in A or B where α = 0.
func TestGemmNaN(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	for _, level := range kernels.Levels() {
		ws := kernels.NewWorkspace(level)
		for _, beta := range []float32{0, float32(math.Copysign(0, -1))} {
			p := newProduct(false, true, 33, 41, 20, 1, beta)
			for i := range p.m {
				for j := range p.n {
					p.c[i*p.ldc+j] = nan
				}
			}
			p.check(t, ws)
			clear(p.c)
			p.c[0], p.a[0], p.b[0], p.alpha = nan, nan, nan, 0
			p.run(ws)
			for i, v := range p.c {
				if v != 0 {
					t.Fatalf("%v: α = 0, β = 0: C[%d] = %v, want 0", level, i, v)
				}
			}
		}
		p := newProduct(false, false, 20, 40, 30, 1, 0)
		p.a[3*p.lda] = nan
		p.run(ws)
		for j := range p.n {
			if v := p.c[3*p.ldc+j]; v == v {
				t.Fatalf("%v: a NaN in A is lost in C[3, %d] = %v", level, j, v)
			}
		}
	}
}

func TestGemmEmpty(t *testing.T) {
	t.Parallel()
	for _, level := range kernels.Levels() {
		ws := kernels.NewWorkspace(level)
		for _, beta := range []float32{0, 1, -2} {
			newProduct(true, false, 5, 7, 0, 1, beta).check(t, ws) // C = β·C
		}
		kernels.Gemm(ws, kernels.Product{
			M: 0, N: 5, K: 3, Alpha: 1,
			A: kernels.Matrix{Data: nil, Stride: 3},
			B: kernels.Matrix{Data: make([]float32, 15), Stride: 5},
			C: kernels.Matrix{Data: nil, Stride: 5},
		})
		kernels.Gemm(ws, kernels.Product{
			M: 5, N: 0, K: 3, Alpha: 1,
			A: kernels.Matrix{Data: make([]float32, 15), Stride: 3},
			B: kernels.Matrix{Data: nil, Stride: 0},
			C: kernels.Matrix{Data: nil, Stride: 0},
		})
	}
}

// Rows of a product, computed in pieces by several workers, are the bits of the whole product.
func TestGemmPieces(t *testing.T) {
	t.Parallel()
	for _, level := range kernels.Levels() {
		ws := kernels.NewWorkspace(level)
		forEachTranspose(func(ta, tb bool) {
			whole := newProduct(ta, tb, 61, 300, 500, 1, 0)
			whole.run(ws)
			parts := newProduct(ta, tb, 61, 300, 500, 1, 0)
			for _, rows := range [][2]int{{0, 7}, {7, 8}, {8, 37}, {37, 61}} {
				from := rows[0] * parts.lda
				if ta {
					from = rows[0]
				}
				kernels.Gemm(ws, kernels.Product{
					M: rows[1] - rows[0], N: parts.n, K: parts.k, Alpha: 1,
					A: kernels.Matrix{Data: parts.a[from:], Stride: parts.lda, Trans: ta},
					B: kernels.Matrix{Data: parts.b, Stride: parts.ldb, Trans: tb},
					C: kernels.Matrix{Data: parts.c[rows[0]*parts.ldc:], Stride: parts.ldc},
				})
			}
			for i := range whole.c {
				if whole.c[i] != parts.c[i] {
					t.Fatalf("%v, transA=%v, transB=%v: C[%d] = %v in pieces, want %v", level, ta, tb, i, parts.c[i], whole.c[i])
				}
			}
		})
	}
}

func TestGemmConcurrent(t *testing.T) {
	t.Parallel()
	for _, level := range kernels.Levels() {
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				ws := kernels.NewWorkspace(level)
				for i := range 8 {
					newProduct(i%2 == 0, w%2 == 0, 40+w, 150, 70+i, 1, 1).check(t, ws)
				}
			})
		}
		wg.Wait()
	}
}

func TestGemmPanics(t *testing.T) {
	t.Parallel()
	ws := kernels.NewWorkspace(kernels.BestLevel())
	x := make([]float32, 12)
	for name, f := range map[string]func(){
		"negative": func() {
			kernels.Gemm(ws, kernels.Product{
				M: -1, N: 3, K: 4, Alpha: 1,
				A: kernels.Matrix{Data: x, Stride: 4},
				B: kernels.Matrix{Data: x, Stride: 3},
				C: kernels.Matrix{Data: x, Stride: 3},
			})
		},
		"short A": func() {
			kernels.Gemm(ws, kernels.Product{
				M: 3, N: 3, K: 4, Alpha: 1,
				A: kernels.Matrix{Data: x[:11], Stride: 4},
				B: kernels.Matrix{Data: x, Stride: 3},
				C: kernels.Matrix{Data: x, Stride: 3},
			})
		},
		"short B": func() {
			kernels.Gemm(ws, kernels.Product{
				M: 3, N: 3, K: 4, Alpha: 1,
				A: kernels.Matrix{Data: x, Stride: 4},
				B: kernels.Matrix{Data: x[:11], Stride: 4, Trans: true},
				C: kernels.Matrix{Data: x, Stride: 3},
			})
		},
		"short C": func() {
			kernels.Gemm(ws, kernels.Product{
				M: 3, N: 3, K: 4, Alpha: 1,
				A: kernels.Matrix{Data: x, Stride: 4},
				B: kernels.Matrix{Data: x, Stride: 3},
				C: kernels.Matrix{Data: x[:8], Stride: 3},
			})
		},
		"C transposed": func() {
			kernels.Gemm(ws, kernels.Product{M: 3, N: 3, K: 4, Alpha: 1, A: kernels.Matrix{Data: x, Stride: 4}, B: kernels.Matrix{Data: x, Stride: 3}, C: kernels.Matrix{Data: x, Stride: 3, Trans: true}})
		},
		"stride": func() {
			kernels.Gemm(ws, kernels.Product{
				M: 3, N: 3, K: 4, Alpha: 1,
				A: kernels.Matrix{Data: x, Stride: 2, Trans: true},
				B: kernels.Matrix{Data: x, Stride: 3},
				C: kernels.Matrix{Data: x, Stride: 3},
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

// Not parallel: other tests' allocations would be counted.
func TestGemmAllocates(t *testing.T) {
	for _, level := range kernels.Levels() {
		ws := kernels.NewWorkspace(level)
		p := newProduct(false, true, 100, 100, 100, 1, 0)
		q := newProductOf(true, false, 30, 600, 500, 1, 0, 1024)
		if n := testing.AllocsPerRun(10, func() { p.run(ws); q.run(ws) }); n != 0 {
			t.Errorf("%v: %v allocations per run, want 0", level, n)
		}
	}
}
