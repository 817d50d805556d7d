package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Bias adds a vector to every row of a matrix: from (X, c), Y = X + 1·cᵀ.
type Bias struct{}

func (op Bias) String() string { return "bias" }

// Facts implements Kernel.
func (Bias) Facts() Facts {
	return Facts{In: types{matrix, vector}, Out: matrix, RowWise: 1, InPlace: overInput}
}

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

// SymDiff is dX = dY and dc = BiasGrad of dY.
func (op Bias) SymDiff(_ gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	dc, err := Apply(BiasGrad{}, dy)
	return gorgonia.Nodes{dy, dc}, err
}

// BiasGrad is the sum of the rows of dY, the gradient of a bias.
type BiasGrad struct{}

func (op BiasGrad) String() string { return "bias.grad" }

// Facts implements Kernel.
func (BiasGrad) Facts() Facts {
	return Facts{In: types{matrix}, Out: vector, RowWise: every, Reduces: true}
}

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
