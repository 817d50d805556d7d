package graph

import (
	"fmt"
	"hash"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Merge is the ⊕ of the unrolled decoder (ICML 2024, eq. (22)): from (X, Y, w) the matrix
// β·X + γ·Y with trained w = (β, γ).
type Merge struct{ reference }

func (op Merge) String() string { return "merge" }

// RowWise is true for X and Y.
func (op Merge) RowWise(in int) bool { return in < 2 }

// Arity is 3.
func (op Merge) Arity() int { return 3 }

// Type is matrix → matrix → vector → matrix.
func (op Merge) Type() hm.Type { return hm.NewFnType(matrix, matrix, vector, matrix) }

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

// DiffWRT says that X, Y and w have gradients.
func (op Merge) DiffWRT(int) []bool { return []bool{true, true, true} }

// SymDiff is MergeGradInput of either side and MergeGradWeights.
func (op Merge) SymDiff(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := gorgonia.ApplyOp(MergeGradInput{Side: 0}, dout, in[2])
	if err != nil {
		return nil, err
	}
	dy, err := gorgonia.ApplyOp(MergeGradInput{Side: 1}, dout, in[2])
	if err != nil {
		return nil, err
	}
	dw, err := gorgonia.ApplyOp(MergeGradWeights{}, dout, in[0], in[1], in[2])
	return gorgonia.Nodes{dx, dy, dw}, err
}

// WriteHash writes the op's name.
func (op Merge) WriteHash(h hash.Hash) { writeHash(op, h) }

// Hashcode hashes the op's name.
func (op Merge) Hashcode() uint32 { return hashcode(op) }

// MergeGradInput is from (dM, w) the gradient β·dM of X (Side 0) or γ·dM of Y (Side 1).
type MergeGradInput struct {
	Side int
	reference
}

func (op MergeGradInput) String() string { return fmt.Sprintf("merge.grad.%c", "xy"[op.Side]) }

// RowWise is true for dM.
func (op MergeGradInput) RowWise(in int) bool { return in == 0 }

// Arity is 2.
func (op MergeGradInput) Arity() int { return 2 }

// Type is matrix → vector → matrix.
func (op MergeGradInput) Type() hm.Type { return hm.NewFnType(matrix, vector, matrix) }

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

// WriteHash writes the op's name.
func (op MergeGradInput) WriteHash(h hash.Hash) { writeHash(op, h) }

// Hashcode hashes the op's name.
func (op MergeGradInput) Hashcode() uint32 { return hashcode(op) }

// MergeGradWeights is from (dM, X, Y, w) the gradient dw = (⟨dM, X⟩, ⟨dM, Y⟩), of shape (2). It names
// w, which it does not need, so that compilation finds the gradients that belong together.
type MergeGradWeights struct{ reference }

func (op MergeGradWeights) String() string { return "merge.grad.w" }

// RowWise is true for dM, X and Y.
func (op MergeGradWeights) RowWise(in int) bool { return in < 3 }

// Arity is 4.
func (op MergeGradWeights) Arity() int { return 4 }

// Type is matrix → matrix → matrix → vector → vector.
func (op MergeGradWeights) Type() hm.Type {
	return hm.NewFnType(matrix, matrix, matrix, vector, vector)
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

// WriteHash writes the op's name.
func (op MergeGradWeights) WriteHash(h hash.Hash) { writeHash(op, h) }

// Hashcode hashes the op's name.
func (op MergeGradWeights) Hashcode() uint32 { return hashcode(op) }
