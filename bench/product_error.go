package bench

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"autoamp/graph"
)

// stepProduct is one of the five products of the denoiser's training step. Its factors are stored as
// (batch or n, d) matrices and multiplied as op says; where op calls a factor a sign, the factor is the sign of the stored matrix.
type stepProduct struct {
	name string
	op   graph.MatMul
	a, b [2]int
}

// stepProducts lists them for b samples, codes of n bits and data of d coordinates.
func stepProducts(b, n, d int) []stepProduct {
	return []stepProduct{
		{"z = x·Bᵀ", graph.MatMul{TransB: true}, [2]int{b, d}, [2]int{n, d}},
		{"u = code·Aᵀ", graph.MatMul{TransB: true, SignA: true}, [2]int{b, n}, [2]int{d, n}},
		{"dcode = du·A", graph.MatMul{}, [2]int{b, d}, [2]int{d, n}},
		{"dA = duᵀ·code", graph.MatMul{TransA: true, SignB: true}, [2]int{b, d}, [2]int{b, n}},
		{"dB = dzᵀ·x", graph.MatMul{TransA: true}, [2]int{b, n}, [2]int{b, d}},
	}
}

// ProductError is the error ‖C − AB‖/‖AB‖ of a product of normal numbers, beside float64.
type ProductError struct {
	Product string  `json:"product"`
	Error   float64 `json:"error"`
}

// productErrors measures the five products on an executor.
func productErrors(exec graph.Executor, b, n, d int) ([]ProductError, error) {
	var list []ProductError
	for _, p := range stepProducts(b, n, d) {
		e, err := p.error(exec)
		if err != nil {
			return nil, fmt.Errorf("bench: product %s: %w", p.name, err)
		}
		list = append(list, ProductError{p.name, e})
	}
	return list, nil
}

func (p stepProduct) error(exec graph.Executor) (float64, error) {
	program := p.program()
	runner, err := exec.Load(make([]graph.Replica, 1), program)
	if err != nil {
		return 0, err
	}
	defer runner.Close()
	all := normals(p.a[0]*p.a[1]+p.b[0]*p.b[1], 1)
	a, b := all[:p.a[0]*p.a[1]], all[p.a[0]*p.a[1]:]
	for name, values := range map[string][]float32{"a": a, "b": b} {
		if err := runner.Write(name, 0, values); err != nil {
			return 0, err
		}
	}
	if err := runner.Run(0, 0, 1, make([]float64, 1)); err != nil {
		return 0, err
	}
	got := make([]float32, program.Buffers[2].Size())
	if err := runner.Read("c", 0, got); err != nil {
		return 0, err
	}
	return distance(got, p.exact(a, b)), nil
}

// program is a program with the product alone. If a factor is a code, the program takes its sign first.
func (p stepProduct) program() *graph.Program {
	rows, cols := p.a[0], p.b[1]
	if p.op.TransA {
		rows = p.a[1]
	}
	if p.op.TransB {
		cols = p.b[0]
	}
	q := &graph.Program{Loss: 3, Buffers: []graph.Buffer{
		{Name: "a", Kind: graph.Input, Shape: p.a[:]}, {Name: "b", Kind: graph.Input, Shape: p.b[:]},
		{Name: "c", Kind: graph.Weight, Shape: []int{rows, cols}}, {Name: "loss", Kind: graph.Reduction, Shape: []int{1}},
	}}
	emit := func(op graph.Kernel, in []int, out int) {
		q.Instrs = append(q.Instrs, graph.Instr{Op: op, In: in, Out: []int{out}, Barrier: len(q.Instrs) > 0, Group: len(q.Instrs)})
	}
	factors := []int{0, 1}
	for i, code := range []bool{p.op.SignA, p.op.SignB} {
		if code {
			factors[i] = len(q.Buffers)
			q.Buffers = append(q.Buffers, graph.Buffer{Name: "code", Shape: q.Buffers[i].Shape})
			emit(graph.SignSTE{Tau: 1}, []int{i}, factors[i])
		}
	}
	emit(p.op, factors, 2)
	emit(graph.MSE{}, []int{2, 2}, 3)
	return graph.PlaceTemporaries(q)
}

// exact is the product in float64.
func (p stepProduct) exact(a, b []float32) []float64 {
	factor := func(x []float32, shape [2]int, trans, code bool) mat.Matrix {
		wide := make([]float64, len(x))
		for i, v := range x {
			wide[i] = float64(v)
			if code {
				wide[i] = math.Copysign(1, wide[i])
			}
		}
		m := mat.NewDense(shape[0], shape[1], wide)
		if trans {
			return m.T()
		}
		return m
	}
	var c mat.Dense
	c.Mul(factor(a, p.a, p.op.TransA, p.op.SignA), factor(b, p.b, p.op.TransB, p.op.SignB))
	return c.RawMatrix().Data
}

// distance is ‖got − want‖/‖want‖.
func distance(got []float32, want []float64) float64 {
	var difference, norm float64
	for i, w := range want {
		e := float64(got[i]) - w
		difference, norm = difference+e*e, norm+w*w
	}
	return math.Sqrt(difference / norm)
}
