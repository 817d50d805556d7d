package kernels_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"autoamp/kernels"
)

// signs is one call of SignGemm on random operands whose rows are longer than the matrix.
type signs struct {
	transS, transP, transC bool
	m, n, k                int
	beta                   float32
	lds, ldp, ldc          int
	s, p, c                []float32
}

func newSigns(transS, transP, transC bool, m, n, k int, beta float32) *signs {
	r := rand.New(rand.NewPCG(uint64(m), uint64(n*1000+k)))
	p := &signs{transS: transS, transP: transP, transC: transC, m: m, n: n, k: k, beta: beta}
	p.s, p.lds = randomMatrix(r, m, k, transS)
	p.p, p.ldp = randomMatrix(r, k, n, transP)
	p.c, p.ldc = randomMatrix(r, m, n, transC)
	rows, cols := m, k
	if transS {
		rows, cols = k, m
	}
	for i := range rows {
		for j := range cols { // leaves other values between the rows
			v := &p.s[i*p.lds+j]
			*v = float32(math.Copysign(1, float64(*v)))
		}
	}
	return p
}

func (p *signs) String() string {
	flag := func(set bool) string {
		if set {
			return "T"
		}
		return "N"
	}
	return fmt.Sprintf("%s%s%s/m=%d/n=%d/k=%d/beta=%v", flag(p.transS), flag(p.transP), flag(p.transC), p.m, p.n, p.k, p.beta)
}

func (p *signs) run(ws *kernels.SignWorkspace) bool {
	return kernels.SignGemm(ws, kernels.Product{
		M: p.m, N: p.n, K: p.k, Alpha: 1,
		A:    kernels.Matrix{Data: p.s, Stride: p.lds, Trans: p.transS},
		B:    kernels.Matrix{Data: p.p, Stride: p.ldp, Trans: p.transP},
		Beta: p.beta,
		C:    kernels.Matrix{Data: p.c, Stride: p.ldc, Trans: p.transC},
	})
}

// at returns the place in C of element (i, j) of the product.
func (p *signs) at(i, j int) int {
	if p.transC {
		i, j = j, i
	}
	return i*p.ldc + j
}

func (p *signs) element(i, l int) float32 {
	if p.transS {
		i, l = l, i
	}
	return p.s[i*p.lds+l]
}

// want computes the product in float64.
func (p *signs) want() []float64 {
	want := make([]float64, p.m*p.n)
	for i := range p.m {
		row := want[i*p.n:][:p.n]
		for j := range row {
			if p.beta != 0 {
				row[j] = float64(p.c[p.at(i, j)])
			}
		}
		for l := range p.k {
			v := float64(p.element(i, l))
			for j := range row {
				at := l*p.ldp + j
				if p.transP {
					at = j*p.ldp + l
				}
				row[j] += v * float64(p.p[at])
			}
		}
	}
	return want
}

// check runs the product and compares C, and the numbers between its rows, with the reference.
func (p *signs) check(t *testing.T, ws *kernels.SignWorkspace) {
	t.Helper()
	want := p.want()
	before := append([]float32(nil), p.c...)
	if !p.run(ws) {
		t.Fatal("S was not recognised as a matrix of signs")
	}
	var diff2, norm2, worst float64
	var worstI, worstJ int
	written := make([]bool, len(p.c))
	for i := range p.m {
		for j := range p.n {
			w, got := want[i*p.n+j], float64(p.c[p.at(i, j)])
			written[p.at(i, j)] = true
			d := math.Abs(got - w)
			if d > worst || math.IsNaN(d) {
				worst, worstI, worstJ = d, i, j
			}
			diff2 += d * d
			norm2 += w * w
		}
	}
	// On a tiny C the sums may cancel; their size is then the one expected of normal operands.
	norm2 = max(norm2, float64(p.m*p.n*p.k))
	tol := 10 * unit * math.Sqrt(float64(max(p.k, 1)))
	if rel := math.Sqrt(diff2 / norm2); !(diff2 == 0 || rel <= tol) {
		t.Errorf("‖a−b‖/‖b‖ = %.3g, want ≤ %.3g; worst at (%d, %d): got %v, want %v",
			rel, tol, worstI, worstJ, p.c[p.at(worstI, worstJ)], want[worstI*p.n+worstJ])
	}
	for i, v := range p.c {
		if !written[i] && math.Float32bits(v) != math.Float32bits(before[i]) {
			t.Fatalf("wrote beyond a row, at %d with stride %d", i, p.ldc)
		}
	}
}

// transpositions calls f with every combination of flags.
func transpositions(f func(transS, transP, transC bool)) {
	for flags := range 8 {
		f(flags&1 != 0, flags&2 != 0, flags&4 != 0)
	}
}

func TestSignGemm(t *testing.T) {
	t.Parallel()
	sizes := [][3]int{ // m, n, k
		{1, 1, 1}, {1, 3, 17}, {3, 1, 5}, {17, 17, 4}, {2, 8, 30}, {5, 9, 31}, {64, 16, 60}, {65, 24, 61}, {63, 7, 59},
		{100, 100, 100}, {128, 25, 64}, {129, 33, 120}, {200, 31, 121}, {16, 64, 300}, {4, 15, 784}, {131, 40, 1024},
	}
	for _, level := range kernels.Levels() {
		t.Run(level.String(), func(t *testing.T) {
			t.Parallel()
			ws := kernels.NewSignWorkspace(level)
			for _, size := range sizes {
				transpositions(func(transS, transP, transC bool) {
					for _, beta := range []float32{0, 1} {
						p := newSigns(transS, transP, transC, size[0], size[1], size[2], beta)
						t.Run(p.String(), func(t *testing.T) { p.check(t, ws) })
					}
				})
			}
		})
	}
}

// TestSignGemmRagged goes through every remainder of rows, columns and inner indices.
func TestSignGemmRagged(t *testing.T) {
	t.Parallel()
	for _, level := range kernels.Levels() {
		t.Run(level.String(), func(t *testing.T) {
			t.Parallel()
			ws := kernels.NewSignWorkspace(level)
			for i := 1; i <= 70; i++ {
				transpositions(func(transS, transP, transC bool) {
					for _, size := range [][3]int{{i, 5, 7}, {6, i, 7}, {6, 5, i}} {
						p := newSigns(transS, transP, transC, size[0], size[1], size[2], float32(i%2))
						t.Run(p.String(), func(t *testing.T) { p.check(t, ws) })
					}
				})
			}
		})
	}
}

func TestSignGemmBetaZero(t *testing.T) {
	t.Parallel()
	for _, level := range kernels.Levels() {
		ws := kernels.NewSignWorkspace(level)
		transpositions(func(transS, transP, transC bool) {
			p := newSigns(transS, transP, transC, 37, 21, 66, 0)
			t.Run(level.String()+"/"+p.String(), func(t *testing.T) {
				for i := range p.m {
					for j := range p.n {
						p.c[p.at(i, j)] = float32(math.NaN())
					}
				}
				p.check(t, ws)
			})
		})
	}
}

func TestSignGemmRefusesOtherValues(t *testing.T) {
	t.Parallel()
	values := map[string]float32{
		"nan": float32(math.NaN()), "-nan": math.Float32frombits(0xffc00000), "0": 0, "-0": float32(math.Copysign(0, -1)),
		"1+ulp": math.Nextafter32(1, 2), "-1+ulp": math.Nextafter32(-1, 0), "inf": float32(math.Inf(1)), "2": 2, "0.5": 0.5,
	}
	for _, level := range kernels.Levels() {
		ws := kernels.NewSignWorkspace(level)
		for name, v := range values {
			for _, transS := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v/%s/transS=%v", level, name, transS), func(t *testing.T) {
					p := newSigns(transS, false, false, 67, 3, 94, 0)
					before := append([]float32(nil), p.c...)
					for _, at := range [][2]int{{0, 0}, {66, 93}, {66, 0}, {0, 93}, {64, 29}, {63, 30}, {20, 31}, {50, 47}, {31, 64}} {
						i, l := at[0], at[1]
						if transS {
							i, l = l, i
						}
						old := p.s[i*p.lds+l]
						p.s[i*p.lds+l] = v
						if p.run(ws) {
							t.Fatalf("accepted %v at (%d, %d)", v, at[0], at[1])
						}
						p.s[i*p.lds+l] = old
					}
					for i := range p.c {
						if p.c[i] != before[i] {
							t.Fatalf("C[%d] changed from %v to %v", i, before[i], p.c[i])
						}
					}
					p.check(t, ws)
				})
			}
		}
	}
}

func TestSignGemmPropagates(t *testing.T) {
	t.Parallel()
	inf := float32(math.Inf(1))
	for _, level := range kernels.Levels() {
		ws := kernels.NewSignWorkspace(level)
		transpositions(func(transS, transP, transC bool) {
			p := newSigns(transS, transP, transC, 35, 29, 77, 0)
			t.Run(level.String()+"/"+p.String(), func(t *testing.T) {
				set := func(l, j int, v float32) {
					if p.transP {
						l, j = j, l
					}
					p.p[l*p.ldp+j] = v
				}
				set(76, 3, float32(math.NaN()))
				set(41, 28, inf)
				p.run(ws)
				for i := range p.m {
					for j := range p.n {
						got := p.c[p.at(i, j)]
						switch {
						case j == 3 && got == got:
							t.Fatalf("C(%d, 3) = %v beside a NaN", i, got)
						case j == 28 && got != inf*p.element(i, 41):
							t.Fatalf("C(%d, 28) = %v, want %v", i, got, inf*p.element(i, 41))
						case j != 3 && j != 28 && (got != got || math.Abs(float64(got)) > 1e3):
							t.Fatalf("C(%d, %d) = %v, in a column without NaN and Inf", i, j, got)
						}
					}
				}
			})
		})
	}
}

func TestSignGemmEmpty(t *testing.T) {
	t.Parallel()
	for _, level := range kernels.Levels() {
		ws := kernels.NewSignWorkspace(level)
		for _, transC := range []bool{false, true} {
			for _, beta := range []float32{0, 1} {
				p := newSigns(false, false, transC, 5, 7, 0, beta)
				t.Run(level.String()+"/"+p.String(), func(t *testing.T) { p.check(t, ws) })
			}
		}
		if !kernels.SignGemm(ws, kernels.Product{
			M: 0, N: 3, K: 2, Alpha: 1,
			A: kernels.Matrix{Data: nil, Stride: 2},
			B: kernels.Matrix{Data: nil, Stride: 3},
			C: kernels.Matrix{Data: nil, Stride: 3},
		}) {
			t.Error("no rows: got false")
		}
		if !kernels.SignGemm(ws, kernels.Product{
			M: 3, N: 0, K: 2, Alpha: 1,
			A: kernels.Matrix{Data: nil, Stride: 2},
			B: kernels.Matrix{Data: nil, Stride: 0},
			C: kernels.Matrix{Data: nil, Stride: 0},
		}) {
			t.Error("no columns: got false")
		}
	}
}

func TestSignGemmPanics(t *testing.T) {
	t.Parallel()
	ws := kernels.NewSignWorkspace(kernels.BestLevel())
	x := make([]float32, 12)
	for name, f := range map[string]func(){
		"m": func() {
			kernels.SignGemm(ws, kernels.Product{
				M: -1, N: 3, K: 4, Alpha: 1,
				A: kernels.Matrix{Data: x, Stride: 4},
				B: kernels.Matrix{Data: x, Stride: 3},
				C: kernels.Matrix{Data: x, Stride: 3},
			})
		},
		"alpha": func() {
			kernels.SignGemm(ws, kernels.Product{M: 3, N: 3, K: 4, A: kernels.Matrix{Data: x, Stride: 4}, B: kernels.Matrix{Data: x, Stride: 3}, C: kernels.Matrix{Data: x, Stride: 3}})
		},
		"beta": func() {
			kernels.SignGemm(ws, kernels.Product{
				M: 3, N: 3, K: 4, Alpha: 1,
				A:    kernels.Matrix{Data: x, Stride: 4},
				B:    kernels.Matrix{Data: x, Stride: 3},
				Beta: 2,
				C:    kernels.Matrix{Data: x, Stride: 3},
			})
		},
		"s": func() {
			kernels.SignGemm(ws, kernels.Product{
				M: 3, N: 3, K: 4, Alpha: 1,
				A: kernels.Matrix{Data: x[:11], Stride: 4},
				B: kernels.Matrix{Data: x, Stride: 3},
				C: kernels.Matrix{Data: x, Stride: 3},
			})
		},
		"p": func() {
			kernels.SignGemm(ws, kernels.Product{
				M: 3, N: 3, K: 4, Alpha: 1,
				A: kernels.Matrix{Data: x, Stride: 4},
				B: kernels.Matrix{Data: x[:11], Stride: 3},
				C: kernels.Matrix{Data: x, Stride: 3},
			})
		},
		"c": func() {
			kernels.SignGemm(ws, kernels.Product{
				M: 3, N: 3, K: 4, Alpha: 1,
				A: kernels.Matrix{Data: x, Stride: 4},
				B: kernels.Matrix{Data: x, Stride: 3},
				C: kernels.Matrix{Data: x[:8], Stride: 3},
			})
		},
		"ldc": func() {
			kernels.SignGemm(ws, kernels.Product{
				M: 4, N: 3, K: 3, Alpha: 1,
				A: kernels.Matrix{Data: x, Stride: 3},
				B: kernels.Matrix{Data: x, Stride: 3},
				C: kernels.Matrix{Data: x, Stride: 3, Trans: true},
			})
		},
		"short": func() {
			kernels.SignGemm(ws, kernels.Product{
				M: 4, N: 3, K: 3, Alpha: 1,
				A: kernels.Matrix{Data: x, Stride: 3, Trans: true},
				B: kernels.Matrix{Data: x, Stride: 3},
				C: kernels.Matrix{Data: x, Stride: 3},
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("did not panic")
				}
			}()
			f()
		})
	}
}

// TestSignGemmPieces computes a product by ranges of columns, as worker threads do.
func TestSignGemmPieces(t *testing.T) {
	t.Parallel()
	for _, level := range kernels.Levels() {
		ws := kernels.NewSignWorkspace(level)
		for _, transC := range []bool{false, true} {
			for _, beta := range []float32{0, 1} {
				whole := newSigns(true, false, transC, 100, 100, 128, beta)
				parts := newSigns(true, false, transC, 100, 100, 128, beta)
				whole.run(ws)
				for j := 0; j < 100; j += 37 {
					w := min(37, 100-j)
					kernels.SignGemm(ws, kernels.Product{
						M: 100, N: w, K: 128, Alpha: 1,
						A:    kernels.Matrix{Data: parts.s, Stride: parts.lds, Trans: true},
						B:    kernels.Matrix{Data: parts.p[j:], Stride: parts.ldp},
						Beta: beta,
						C:    kernels.Matrix{Data: parts.c[parts.at(0, j):], Stride: parts.ldc, Trans: transC},
					})
				}
				for i := range whole.c {
					if whole.c[i] != parts.c[i] {
						t.Fatalf("%v/%v: element %d in pieces is %v, not %v", level, whole, i, parts.c[i], whole.c[i])
					}
				}
			}
		}
	}
}

func TestSignGemmLevelsAgree(t *testing.T) {
	t.Parallel()
	transpositions(func(transS, transP, transC bool) {
		want := newSigns(transS, transP, transC, 70, 29, 333, 1)
		want.run(kernels.NewSignWorkspace(kernels.Scalar))
		for _, level := range kernels.Levels()[1:] {
			got := newSigns(transS, transP, transC, 70, 29, 333, 1)
			t.Run(level.String()+"/"+got.String(), func(t *testing.T) {
				got.run(kernels.NewSignWorkspace(level))
				for i := range want.c {
					if got.c[i] != want.c[i] {
						t.Fatalf("element %d: got %v, the scalar level %v", i, got.c[i], want.c[i])
					}
				}
			})
		}
	})
}

func TestSignGemmDoesNotAllocate(t *testing.T) {
	for _, level := range kernels.Levels() {
		ws := kernels.NewSignWorkspace(level)
		large := newSigns(false, true, false, 100, 40, 200, 0)
		small := newSigns(true, false, true, 50, 40, 100, 1)
		large.run(ws)
		if n := testing.AllocsPerRun(10, func() { large.run(ws); small.run(ws) }); n != 0 {
			t.Errorf("%v: %v allocations per call", level, n)
		}
	}
}

func TestSignGemmConcurrently(t *testing.T) {
	t.Parallel()
	want := newSigns(false, true, false, 90, 70, 110, 0)
	want.run(kernels.NewSignWorkspace(kernels.BestLevel()))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			ws := kernels.NewSignWorkspace(kernels.BestLevel())
			for range 20 {
				p := newSigns(false, true, false, 90, 70, 110, 0)
				p.run(ws)
				for i := range p.c {
					if p.c[i] != want.c[i] {
						t.Errorf("element %d: got %v, want %v", i, p.c[i], want.c[i])
						return
					}
				}
			}
		})
	}
	group.Wait()
}

// BenchmarkSignGemm measures the two products with the code of a training step, u = y·Aᵀ and dA = duᵀ·y, whole and
// as half of d, the share of one of two workers.
func BenchmarkSignGemm(b *testing.B) {
	for _, level := range kernels.Levels() {
		if level == kernels.Scalar {
			continue
		}
		for _, size := range [][2]int{{100, 100}, {200, 128}, {784, 256}, {1024, 512}, {2048, 1024}} {
			d, batch := size[0], size[1]
			for _, share := range []int{d, d / 2} {
				for _, name := range []string{"u", "dA"} {
					b.Run(fmt.Sprintf("%v/%s/d=%d/b=%d/share=%d", level, name, d, batch, share), func(b *testing.B) {
						p := newSigns(false, true, false, batch, share, d, 0)
						if name == "dA" {
							p = newSigns(true, false, true, d, share, batch, 0)
						}
						ws := kernels.NewSignWorkspace(level)
						p.run(ws)
						for b.Loop() {
							p.run(ws)
						}
						flop := 2 * float64(p.m) * float64(p.n) * float64(p.k)
						b.ReportMetric(flop*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
					})
				}
			}
		}
	}
}
