//go:build gpu

package cuda_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"autoamp/cuda"
	"autoamp/graph"
)

// tolerance is the relative error ‖C − AB‖/‖AB‖ allowed for a product of inner size k. For fp32 it comes from float32
// sums, for tf32 from the 11 bits of each operand, which the tensor cores of Hopper truncate: 2⁻¹⁰ for each. For split it comes
// from the rounding of an operand to two bf16 numbers, at most 2⁻¹⁷ of each number, and in products without a code from the
// smallest of four terms, which is left out.
func tolerance(p cuda.Precision, k int) float64 {
	sums := 10 * math.Sqrt(float64(k)) / (1 << 24)
	switch p {
	case cuda.TF32:
		return sums + 1.0/(1<<9)
	case cuda.Split:
		return sums + 1.0/(1<<16)
	}
	return sums
}

// product is a case: shapes, transpositions, which factor is a code, and whether the product is added to C.
type product struct {
	m, n, k        int
	transA, transB bool
	signA, signB   bool
	accumulate     bool
}

// TestProducts compares every kind of product with float64: this is where row-major meets column-major.
func TestProducts(t *testing.T) {
	for _, precision := range []cuda.Precision{cuda.FP32, cuda.TF32, cuda.Split} {
		t.Logf("%s: largest ‖C − AB‖/‖AB‖ = %.2g", precision, worstProduct(t, precision))
	}
}

// TestRoundedTF32 repeats TestProducts for a device that rounds the operands of TF32. The emulated one truncates them by default.
func TestRoundedTF32(t *testing.T) {
	e := newEmulator(t)
	e.tf32(1)
	defer e.tf32(0)
	t.Logf("tf32, rounded: largest ‖C − AB‖/‖AB‖ = %.2g", worstProduct(t, cuda.TF32))
}

// worstProduct is the largest error of a precision.
func worstProduct(t *testing.T, precision cuda.Precision) float64 {
	t.Helper()
	exec, worst := open(t, cuda.Settings{Precision: precision}), 0.0
	for _, size := range [][3]int{{1, 1, 1}, {2, 3, 5}, {17, 1, 33}, {1, 19, 7}, {31, 65, 100}} {
		for bits := range 32 {
			p := product{size[0], size[1], size[2], bits&1 != 0, bits&2 != 0, bits&4 != 0, bits&8 != 0, bits&16 != 0}
			worst = max(worst, checkProduct(t, exec, precision, p))
		}
	}
	return worst
}

func checkProduct(t *testing.T, exec graph.Executor, precision cuda.Precision, p product) float64 {
	t.Helper()
	const replicas = 2
	r, err := exec.Load(make([]graph.Replica, replicas), p.program())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	worst := 0.0
	rng := rand.New(rand.NewPCG(1, 2))
	var a, b, c [replicas][]float32
	for i := range replicas {
		a[i], b[i], c[i] = normal(rng, p.m*p.k), normal(rng, p.k*p.n), normal(rng, p.m*p.n)
		for name, data := range map[string][]float32{"a": a[i], "b": b[i], "c": c[i]} {
			if err := r.Write(name, i, data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := r.Run(0, 0, 1, make([]float64, replicas)); err != nil {
		t.Fatal(err)
	}
	for i := range replicas {
		got := make([]float32, p.m*p.n)
		if err := r.Read("c", i, got); err != nil {
			t.Fatal(err)
		}
		err := distance(got, p.expected(a[i], b[i], c[i]))
		if worst = max(worst, err); !(err <= tolerance(precision, p.k)) {
			t.Errorf("%s %+v, replica %d: ‖C − AB‖/‖AB‖ = %.2g, want at most %.2g", precision, p, i, err, tolerance(precision, p.k))
		}
	}
	return worst
}

// program is a program with the product alone. If a factor is a code, the program takes its sign first.
func (p product) program() *graph.Program {
	shape := func(trans bool, rows, cols int) []int {
		if trans {
			return []int{cols, rows}
		}
		return []int{rows, cols}
	}
	q := &graph.Program{Loss: 3, Buffers: []graph.Buffer{
		{Name: "a", Kind: graph.Input, Shape: shape(p.transA, p.m, p.k)},
		{Name: "b", Kind: graph.Input, Shape: shape(p.transB, p.k, p.n)},
		{Name: "c", Kind: graph.Weight, Shape: []int{p.m, p.n}},
		{Name: "loss", Kind: graph.Reduction, Shape: []int{1}},
	}}
	factor := func(b int, code bool) int {
		if !code {
			return b
		}
		q.Buffers = append(q.Buffers, graph.Buffer{Name: q.Buffers[b].Name + ".code", Kind: graph.Temp, Shape: q.Buffers[b].Shape})
		q.Instrs = append(q.Instrs, graph.Instr{Op: graph.SignSTE{Tau: 1}, In: []int{b}, Out: []int{len(q.Buffers) - 1}})
		return len(q.Buffers) - 1
	}
	a, b := factor(0, p.signA), factor(1, p.signB)
	op := graph.MatMul{TransA: p.transA, TransB: p.transB, SignA: p.signA, SignB: p.signB, Accumulate: p.accumulate}
	q.Instrs = append(q.Instrs, graph.Instr{Op: op, In: []int{a, b}, Out: []int{2}}, graph.Instr{Op: graph.MSE{}, In: []int{2, 2}, Out: []int{3}})
	return q
}

// expected is the product in float64.
func (p product) expected(a, b, c []float32) []float64 {
	at := func(x []float32, trans, sign bool, i, j, rows, cols int) float64 {
		k := i*cols + j
		if trans {
			k = j*rows + i
		}
		if sign {
			return math.Copysign(1, float64(x[k]))
		}
		return float64(x[k])
	}
	out := make([]float64, p.m*p.n)
	for i := range p.m {
		for j := range p.n {
			var sum float64
			for l := range p.k {
				sum += at(a, p.transA, p.signA, i, l, p.m, p.k) * at(b, p.transB, p.signB, l, j, p.k, p.n)
			}
			if p.accumulate {
				sum += float64(c[i*p.n+j])
			}
			out[i*p.n+j] = sum
		}
	}
	return out
}

func normal(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func distance(got []float32, want []float64) float64 {
	var diff, norm float64
	for i, w := range want {
		d := float64(got[i]) - w
		diff, norm = diff+d*d, norm+w*w
	}
	return math.Sqrt(diff / norm)
}

// TestFlops counts the products that each precision executes.
func TestFlops(t *testing.T) {
	m, err := graph.New(graph.Config{Model: "denoiser", Batch: 10, Dim: 20, Code: 30})
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Compile(graph.Options{Update: &graph.Update{Rule: graph.Momentum, Schedule: graph.Schedule{Shape: graph.Constant}}})
	if err != nil {
		t.Fatal(err)
	}
	// x·Bᵀ, dy = du·A and dB have no code and cost three products each; A·s and dA have one and cost two.
	const one = 2 * 10 * 20 * 30
	for precision, want := range map[cuda.Precision]float64{cuda.FP32: 5 * one, cuda.TF32: 5 * one, cuda.Split: 13 * one} {
		if got := open(t, cuda.Settings{Precision: precision}).Flops(p); got != want {
			t.Errorf("%s: %g floating-point operations, want %g", precision, got, want)
		}
	}
}
