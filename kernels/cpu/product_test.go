package cpu

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"

	"autoamp/kernels"
)

// gemmTolerance bounds ‖a−b‖/‖b‖ for sums of k products: 10·u·√k with u = 2⁻²⁴. Rounding errors add up
// like a random walk, of about u·√k.
func gemmTolerance(k int) float64 { return 10 * math.Ldexp(1, -24) * math.Sqrt(float64(k)) }

// products returns a gemmer for each implementation present here, by name.
func products(t *testing.T, workers int) map[Product][]gemmer {
	t.Helper()
	all := map[Product][]gemmer{}
	for _, p := range []Product{ProductAuto, ProductOpenBLAS, ProductAccelerate, ProductSIMD, ProductGo} {
		gemmers, description, err := newGemmers(p, workers)
		if errors.Is(err, errNoOpenBLAS) && p == ProductOpenBLAS || errors.Is(err, errNoAccelerate) && p == ProductAccelerate {
			t.Logf("%s is not tested: %v", p, err)
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		if len(gemmers) != workers || description == "" {
			t.Fatalf("%s: %d gemmers, description %q", p, len(gemmers), description)
		}
		all[p] = gemmers
	}
	return all
}

// randomProduct is one call on operands of normal values with rows longer than the matrix.
type randomProduct struct {
	productShape
	alpha, beta   float32
	lda, ldb, ldc int
	a, b, c       []float32
}

func newRandomProduct(s productShape, alpha, beta float32) *randomProduct {
	r := rand.New(rand.NewPCG(uint64(s.m), uint64(1000*s.n+s.k)))
	p := &randomProduct{productShape: s, alpha: alpha, beta: beta}
	matrix := func(rows, cols int, trans bool) ([]float32, int) {
		if trans {
			rows, cols = cols, rows
		}
		x := make([]float32, rows*(cols+3))
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		return x, cols + 3
	}
	p.a, p.lda = matrix(s.m, s.k, s.transA)
	p.b, p.ldb = matrix(s.k, s.n, s.transB)
	p.c, p.ldc = matrix(s.m, s.n, false)
	return p
}

// want is element (i, j) of the product in float64.
func (p *randomProduct) want(i, j int) float64 {
	var sum float64
	for l := range p.k {
		ai, bi := i*p.lda+l, l*p.ldb+j
		if p.transA {
			ai = l*p.lda + i
		}
		if p.transB {
			bi = j*p.ldb + l
		}
		sum += float64(p.a[ai]) * float64(p.b[bi])
	}
	sum *= float64(p.alpha)
	if p.beta != 0 {
		sum += float64(p.beta) * float64(p.c[i*p.ldc+j])
	}
	return sum
}

func (p *randomProduct) run(g gemmer) {
	g.gemm(kernels.Product{
		M: p.m, N: p.n, K: p.k, Alpha: p.alpha,
		A:    kernels.Matrix{Data: p.a, Stride: p.lda, Trans: p.transA},
		B:    kernels.Matrix{Data: p.b, Stride: p.ldb, Trans: p.transB},
		Beta: p.beta,
		C:    kernels.Matrix{Data: p.c, Stride: p.ldc},
	})
}

// check runs the product and compares it with the reference.
func (p *randomProduct) check(t *testing.T, g gemmer) {
	t.Helper()
	want := make([]float64, 0, p.m*p.n)
	for i := range p.m {
		for j := range p.n {
			want = append(want, p.want(i, j))
		}
	}
	p.run(g)
	var diff2, norm2 float64
	worst, at := 0.0, 0
	for x, w := range want {
		d := math.Abs(float64(p.c[x/p.n*p.ldc+x%p.n]) - w)
		if d > worst || math.IsNaN(d) {
			worst, at = d, x
		}
		diff2 += d * d
		norm2 += w * w
	}
	// On a tiny C the sums may cancel; their size is then the one expected of normal operands.
	norm2 = max(norm2, float64(p.alpha*p.alpha)*float64(p.m*p.n*p.k))
	if rel := math.Sqrt(diff2 / norm2); diff2 != 0 && !(rel <= gemmTolerance(p.k)) {
		t.Errorf("%+v: ‖a−b‖/‖b‖ = %.3g, want ≤ %.3g; worst at (%d, %d): got %v, want %v", p.productShape,
			rel, gemmTolerance(p.k), at/p.n, at%p.n, p.c[at/p.n*p.ldc+at%p.n], want[at])
	}
}

func TestProducts(t *testing.T) {
	t.Parallel()
	for name, gemmers := range products(t, 1) {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			for trans := range 4 {
				for _, size := range [][3]int{{1, 1, 1}, {3, 17, 64}, {17, 3, 1}, {100, 64, 17}, {64, 100, 100}, {31, 520, 390}} {
					s := productShape{transA: trans&1 != 0, transB: trans&2 != 0, m: size[0], n: size[1], k: size[2]}
					newRandomProduct(s, 1, 0).check(t, gemmers[0])
					newRandomProduct(s, 1, 1).check(t, gemmers[0])
					newRandomProduct(s, -0.5, 2).check(t, gemmers[0])
				}
			}
			newRandomProduct(productShape{m: 5, n: 7}, 1, 0).check(t, gemmers[0])                // k = 0: C = 0
			newRandomProduct(productShape{m: 5, n: 7, transA: true}, 1, -2).check(t, gemmers[0]) // C = −2·C
			newRandomProduct(productShape{n: 7, k: 3}, 1, 0).check(t, gemmers[0])
			newRandomProduct(productShape{m: 7, k: 3}, 1, 0).check(t, gemmers[0])
		})
	}
}

func TestProductsOverwriteNaN(t *testing.T) {
	t.Parallel()
	for name, gemmers := range products(t, 1) {
		p := newRandomProduct(productShape{m: 20, n: 30, k: 40}, 1, 0)
		for i := range p.c {
			p.c[i] = float32(math.NaN())
		}
		p.check(t, gemmers[0])
		if t.Failed() {
			t.Fatalf("%s: a NaN in C survives β = 0", name)
		}
	}
}

func TestProductsConcurrent(t *testing.T) {
	t.Parallel()
	for _, gemmers := range products(t, 4) {
		var wg sync.WaitGroup
		for w, g := range gemmers {
			wg.Go(func() {
				for i := range 6 {
					newRandomProduct(productShape{transB: i%2 == 0, m: 30 + w, n: 90, k: 60 + i}, 1, 1).check(t, g)
				}
			})
		}
		wg.Wait()
	}
}

// Not parallel: other tests' allocations would be counted.
func TestProductsAllocate(t *testing.T) {
	for name, gemmers := range products(t, 1) {
		p := newRandomProduct(productShape{transB: true, m: 50, n: 100, k: 100}, 1, 0)
		if n := testing.AllocsPerRun(20, func() { p.run(gemmers[0]) }); n != 0 {
			t.Errorf("%s: %v allocations per product, want 0", name, n)
		}
	}
}

func TestUnknownProduct(t *testing.T) {
	t.Parallel()
	_, _, err := newGemmers("mkl", 1)
	const want = `cpu: product = "mkl": want auto, openblas, accelerate, simd or go`
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// Most users have no C compiler. (Other systems are cross-compiled in CI: it takes minutes.)
func TestBuildsWithoutCgo(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles the package again; run without -short")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("needs the go command in PATH")
	}
	cmd := exec.CommandContext(t.Context(), goTool, "build", "autoamp/kernels", "autoamp/kernels/cpu")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
