package graph

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	blasimpl "gonum.org/v1/gonum/blas/gonum"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// MatMul is the matrix product op(A)·op(B), where op transposes if TransA or TransB says so.
type MatMul struct {
	TransA, TransB bool
	// Accumulate adds the product to the output instead of replacing it. Compilation sets
	// it; a graph's node never has it.
	Accumulate bool
	// SignA and SignB say that every entry of the operand is ±1 (or NaN), because it is a
	// code. Compilation sets them; executors may multiply by additions alone.
	SignA, SignB bool
}

func (op MatMul) String() string {
	name := "matmul"
	if op.TransA {
		name += ".ta"
	}
	if op.TransB {
		name += ".tb"
	}
	if op.SignA {
		name += ".sa"
	}
	if op.SignB {
		name += ".sb"
	}
	if op.Accumulate {
		name += ".acc"
	}
	return name
}

// Facts says that row i of the product needs row i of A, unless A is transposed.
func (op MatMul) Facts() Facts {
	f := Facts{In: types{matrix, matrix}, Out: matrix}
	if !op.TransA {
		f.RowWise = 1
	}
	return f
}

// InferShape checks that the inner sizes agree.
func (op MatMul) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	a, err := shapeOf(op, in, 0)
	if err != nil {
		return nil, err
	}
	b, err := shapeOf(op, in, 1)
	if err != nil {
		return nil, err
	}
	m, k := oriented(a, op.TransA)
	k2, n := oriented(b, op.TransB)
	if k != k2 {
		return nil, fmt.Errorf("graph: %v: inner sizes %d and %d of shapes %v and %v differ", op, k, k2, a, b)
	}
	return tensor.Shape{m, n}, nil
}

func oriented(s tensor.Shape, trans bool) (rows, cols int) {
	if trans {
		return s[1], s[0]
	}
	return s[0], s[1]
}

// Do multiplies with gonum's BLAS in the inputs' own precision.
func (op MatMul) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	a, b := in[0], in[1]
	m, k := oriented(a.Shape(), op.TransA)
	_, n := oriented(b.Shape(), op.TransB)
	lda, ldb := a.Shape()[1], b.Shape()[1]
	ta, tb := transposed(op.TransA), transposed(op.TransB)
	var impl blasimpl.Implementation
	if a.Dtype() == tensor.Float64 {
		c := make([]float64, m*n)
		impl.Dgemm(ta, tb, m, n, k, 1, a.Data().([]float64), lda, b.Data().([]float64), ldb, 0, c, n)
		return tensor.New(tensor.WithShape(m, n), tensor.WithBacking(c)), nil
	}
	c := make([]float32, m*n)
	impl.Sgemm(ta, tb, m, n, k, 1, a.Data().([]float32), lda, b.Data().([]float32), ldb, 0, c, n)
	return tensor.New(tensor.WithShape(m, n), tensor.WithBacking(c)), nil
}

func transposed(t bool) blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}

// SymDiff is dA = dC·op(B)ᵀ and dB = op(A)ᵀ·dC, transposed back where the input was.
func (op MatMul) SymDiff(in gorgonia.Nodes, _, dc *gorgonia.Node) (gorgonia.Nodes, error) {
	a, b := in[0], in[1]
	da := [2]*gorgonia.Node{dc, b}
	daOp := MatMul{TransB: !op.TransB}
	if op.TransA {
		da, daOp = [2]*gorgonia.Node{b, dc}, MatMul{TransA: op.TransB, TransB: true}
	}
	db := [2]*gorgonia.Node{a, dc}
	dbOp := MatMul{TransA: !op.TransA}
	if op.TransB {
		db, dbOp = [2]*gorgonia.Node{dc, a}, MatMul{TransA: true, TransB: op.TransA}
	}
	gradA, err := Apply(daOp, da[0], da[1])
	if err != nil {
		return nil, err
	}
	gradB, err := Apply(dbOp, db[0], db[1])
	return gorgonia.Nodes{gradA, gradB}, err
}
