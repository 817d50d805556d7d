package graph

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Scale multiplies a matrix by one number: from (X, α) with α of shape (1), Y = α·X. It is
// the α of the weight-tied decoder A = αBᵀ (ICML 2024, section 4).
type Scale struct{}

func (op Scale) String() string { return "scale" }

// Facts implements Kernel.
func (Scale) Facts() Facts {
	return Facts{In: types{matrix, vector}, Out: matrix, RowWise: 1, InPlace: overInput}
}

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

// SymDiff is dX = α·dY and dα = ⟨dY, X⟩.
func (op Scale) SymDiff(in gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := Apply(Scale{}, dy, in[1])
	if err != nil {
		return nil, err
	}
	dalpha, err := Apply(Dot{}, dy, in[0])
	return gorgonia.Nodes{dx, dalpha}, err
}

// Dot is the inner product ⟨X, Y⟩ over all elements, of shape (1).
type Dot struct{}

func (op Dot) String() string { return "dot" }

// Facts implements Kernel.
func (Dot) Facts() Facts {
	return Facts{In: types{matrix, matrix}, Out: vector, RowWise: every, Reduces: true}
}

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
