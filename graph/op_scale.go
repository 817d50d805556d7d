package graph

import (
	"hash"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Scale multiplies a matrix by one number: from (X, α) with α of shape (1), Y = α·X. It is
// the α of the weight-tied decoder A = αBᵀ (ICML 2024, section 4).
type Scale struct{ reference }

func (op Scale) String() string { return "scale" }

// RowWise is true for X.
func (op Scale) RowWise(in int) bool { return in == 0 }

// Arity is 2.
func (op Scale) Arity() int { return 2 }

// Type is matrix → vector → matrix.
func (op Scale) Type() hm.Type { return hm.NewFnType(matrix, vector, matrix) }

// InferShape is the shape of X.
func (op Scale) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return sameShape(op, in[:1])
}

// Do is the reference, computed in float64.
func (op Scale) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	x, alpha := numbers(in[0]), numbers(in[1])[0]
	out := make([]float64, len(x))
	for i := range x {
		out[i] = alpha * x[i]
	}
	return value(in[0], out, in[0].Shape()...), nil
}

// DiffWRT says that X and α have gradients.
func (op Scale) DiffWRT(int) []bool { return []bool{true, true} }

// SymDiff is dX = α·dY and dα = ⟨dY, X⟩.
func (op Scale) SymDiff(in gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := gorgonia.ApplyOp(Scale{}, dy, in[1])
	if err != nil {
		return nil, err
	}
	dalpha, err := gorgonia.ApplyOp(Dot{}, dy, in[0])
	return gorgonia.Nodes{dx, dalpha}, err
}

// WriteHash writes the op's name.
func (op Scale) WriteHash(h hash.Hash) { writeHash(op, h) }

// Hashcode hashes the op's name.
func (op Scale) Hashcode() uint32 { return hashcode(op) }

// Dot is the inner product ⟨X, Y⟩ over all elements, of shape (1).
type Dot struct{ reference }

func (op Dot) String() string { return "dot" }

// RowWise is true.
func (op Dot) RowWise(int) bool { return true }

// Arity is 2.
func (op Dot) Arity() int { return 2 }

// Type is matrix → matrix → vector.
func (op Dot) Type() hm.Type { return hm.NewFnType(matrix, matrix, vector) }

// InferShape is (1).
func (op Dot) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	_, err := sameShape(op, in)
	return tensor.Shape{1}, err
}

// Do is the reference, computed in float64.
func (op Dot) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	a, b := numbers(in[0]), numbers(in[1])
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return value(in[0], []float64{sum}, 1), nil
}

// WriteHash writes the op's name.
func (op Dot) WriteHash(h hash.Hash) { writeHash(op, h) }

// Hashcode hashes the op's name.
func (op Dot) Hashcode() uint32 { return hashcode(op) }
