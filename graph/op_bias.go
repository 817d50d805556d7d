package graph

import (
	"fmt"
	"hash"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Bias adds a vector to every row of a matrix: from (X, c), Y = X + 1·cᵀ.
type Bias struct{ reference }

func (op Bias) String() string { return "bias" }

// RowWise is true for X.
func (op Bias) RowWise(in int) bool { return in == 0 }

// Arity is 2.
func (op Bias) Arity() int { return 2 }

// Type is matrix → vector → matrix.
func (op Bias) Type() hm.Type { return hm.NewFnType(matrix, vector, matrix) }

// InferShape is the shape of X; c must have its columns.
func (op Bias) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	x, err := shapeOf(op, in, 0)
	if err != nil {
		return nil, err
	}
	c, err := shapeOf(op, in, 1)
	if err != nil {
		return nil, err
	}
	if c.TotalSize() != x[1] {
		return nil, fmt.Errorf("graph: %v: %d biases for %d columns", op, c.TotalSize(), x[1])
	}
	return x.Clone(), nil
}

// Do is the reference, computed in float64.
func (op Bias) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	x, c := numbers(in[0]), numbers(in[1])
	out := make([]float64, len(x))
	for i := range x {
		out[i] = x[i] + c[i%len(c)]
	}
	return value(in[0], out, in[0].Shape()...), nil
}

// DiffWRT says that X and c have gradients.
func (op Bias) DiffWRT(int) []bool { return []bool{true, true} }

// SymDiff is dX = dY and dc = BiasGrad of dY.
func (op Bias) SymDiff(_ gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	dc, err := gorgonia.ApplyOp(BiasGrad{}, dy)
	return gorgonia.Nodes{dy, dc}, err
}

// WriteHash writes the op's name.
func (op Bias) WriteHash(h hash.Hash) { writeHash(op, h) }

// Hashcode hashes the op's name.
func (op Bias) Hashcode() uint32 { return hashcode(op) }

// BiasGrad is the sum of the rows of dY, the gradient of a bias.
type BiasGrad struct{ reference }

func (op BiasGrad) String() string { return "bias.grad" }

// RowWise is true.
func (op BiasGrad) RowWise(int) bool { return true }

// Arity is 1.
func (op BiasGrad) Arity() int { return 1 }

// Type is matrix → vector.
func (op BiasGrad) Type() hm.Type { return hm.NewFnType(matrix, vector) }

// InferShape is the number of columns.
func (op BiasGrad) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	x, err := shapeOf(op, in, 0)
	if err != nil {
		return nil, err
	}
	return tensor.Shape{x[1]}, nil
}

// Do is the reference, computed in float64.
func (op BiasGrad) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	dy, cols := numbers(in[0]), in[0].Shape()[1]
	sum := make([]float64, cols)
	for i, d := range dy {
		sum[i%cols] += d
	}
	return value(in[0], sum, cols), nil
}

// WriteHash writes the op's name.
func (op BiasGrad) WriteHash(h hash.Hash) { writeHash(op, h) }

// Hashcode hashes the op's name.
func (op BiasGrad) Hashcode() uint32 { return hashcode(op) }
