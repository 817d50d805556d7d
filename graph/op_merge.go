package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Merge is the ⊕ of the unrolled decoder (ICML 2024, eq. (22)): from (X, Y, w) the matrix
// β·X + γ·Y with trained w = (β, γ).
type Merge struct{}

func (op Merge) String() string { return "merge" }

// Facts implements Kernel.
func (Merge) Facts() Facts {
	return Facts{In: types{matrix, matrix, vector}, Out: matrix, RowWise: 2, InPlace: overInput}
}

// InferShape is the common shape of X and Y; w must have two elements.
func (op Merge) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	if err := checkLength(op, in, 2, 2, "weights"); err != nil {
		return nil, err
	}
	return sameShape(op, in[:2])
}

// Do is the reference, computed in float64.
func (op Merge) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	x, y, w := numbers(in[0]), numbers(in[1]), numbers(in[2])
	out := make([]float64, len(x))
	for i := range x {
		out[i] = w[0]*x[i] + w[1]*y[i]
	}
	return value(in[0], out, in[0].Shape()...), nil
}

// SymDiff is MergeGradInput of either side and MergeGradWeights.
func (op Merge) SymDiff(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := Apply(MergeGradInput{Side: 0}, dout, in[2])
	if err != nil {
		return nil, err
	}
	dy, err := Apply(MergeGradInput{Side: 1}, dout, in[2])
	if err != nil {
		return nil, err
	}
	dw, err := Apply(MergeGradWeights{}, dout, in[0], in[1], in[2])
	return gorgonia.Nodes{dx, dy, dw}, err
}

// MergeGradInput is from (dM, w) the gradient β·dM of X (Side 0) or γ·dM of Y (Side 1).
type MergeGradInput struct {
	Side int
}

func (op MergeGradInput) String() string { return fmt.Sprintf("merge.grad.%c", "xy"[op.Side]) }

// Facts implements Kernel.
func (MergeGradInput) Facts() Facts {
	return Facts{In: types{matrix, vector}, Out: matrix, RowWise: 1, InPlace: overInput}
}

// InferShape is the shape of dM.
func (op MergeGradInput) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return sameShape(op, in[:1])
}

// Do is the reference, computed in float64.
func (op MergeGradInput) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	dout, w := numbers(in[0]), numbers(in[1])
	out := make([]float64, len(dout))
	for i := range dout {
		out[i] = w[op.Side] * dout[i]
	}
	return value(in[0], out, in[0].Shape()...), nil
}

// MergeGradWeights is from (dM, X, Y, w) the gradient dw = (⟨dM, X⟩, ⟨dM, Y⟩), of shape (2). It does
// not need its input w: compilation uses w to find the gradients that belong together.
type MergeGradWeights struct{}

func (op MergeGradWeights) String() string { return "merge.grad.w" }

// Facts implements Kernel.
func (MergeGradWeights) Facts() Facts {
	return Facts{In: types{matrix, matrix, matrix, vector}, Out: vector, RowWise: 3, Reduces: true}
}

// InferShape is (2).
func (op MergeGradWeights) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	_, err := sameShape(op, in[:3])
	return tensor.Shape{2}, err
}

// Do is the reference, computed in float64.
func (op MergeGradWeights) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	dout, x, y := numbers(in[0]), numbers(in[1]), numbers(in[2])
	dw := make([]float64, 2)
	for i, d := range dout {
		dw[0] += d * x[i]
		dw[1] += d * y[i]
	}
	return value(in[0], dw, 2), nil
}
