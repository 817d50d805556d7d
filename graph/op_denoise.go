package graph

import (
	"fmt"
	"hash"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Denoise applies a scalar denoiser to every element: x̂ = f(u; θ), from (u, θ).
type Denoise struct {
	Family Family
	reference
}

func (op Denoise) String() string { return fmt.Sprintf("denoise(%s)", op.Family) }

// RowWise is true for u.
func (op Denoise) RowWise(in int) bool { return in == 0 }

// Arity is 2.
func (op Denoise) Arity() int { return 2 }

// Type is matrix → vector → matrix.
func (op Denoise) Type() hm.Type { return hm.NewFnType(matrix, vector, matrix) }

// InferShape is the shape of u; θ must have the family's length.
func (op Denoise) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	if err := checkLength(op, in, 1, op.Family.Params(), "parameters"); err != nil {
		return nil, err
	}
	return sameShape(op, in[:1])
}

// Do is the reference, computed in float64.
func (op Denoise) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	u, theta := numbers(in[0]), numbers(in[1])
	out, dtheta := make([]float64, len(u)), make([]float64, len(theta))
	f := op.Family.At(theta)
	for i := range u {
		out[i], _ = f(u[i], dtheta)
	}
	return value(in[0], out, in[0].Shape()...), nil
}

// DiffWRT says that u and θ have gradients.
func (op Denoise) DiffWRT(int) []bool { return []bool{true, true} }

// SymDiff is DenoiseGradInput and DenoiseGradParams.
func (op Denoise) SymDiff(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	du, err := gorgonia.ApplyOp(DenoiseGradInput{Family: op.Family}, dout, in[0], in[1])
	if err != nil {
		return nil, err
	}
	dtheta, err := gorgonia.ApplyOp(DenoiseGradParams{Family: op.Family}, dout, in[0], in[1])
	return gorgonia.Nodes{du, dtheta}, err
}

// WriteHash writes the op's name.
func (op Denoise) WriteHash(h hash.Hash) { writeHash(op, h) }

// Hashcode hashes the op's name.
func (op Denoise) Hashcode() uint32 { return hashcode(op) }

// DenoiseGradInput is from (dx̂, u, θ) the gradient du = dx̂·f′(u; θ).
type DenoiseGradInput struct {
	Family Family
	reference
}

func (op DenoiseGradInput) String() string { return fmt.Sprintf("denoise.grad.u(%s)", op.Family) }

// RowWise is true for dx̂ and u.
func (op DenoiseGradInput) RowWise(in int) bool { return in < 2 }

// Arity is 3.
func (op DenoiseGradInput) Arity() int { return 3 }

// Type is matrix → matrix → vector → matrix.
func (op DenoiseGradInput) Type() hm.Type { return hm.NewFnType(matrix, matrix, vector, matrix) }

// InferShape is the shape of u.
func (op DenoiseGradInput) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return sameShape(op, in[:2])
}

// Do is the reference, computed in float64.
func (op DenoiseGradInput) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	dout, u, theta := numbers(in[0]), numbers(in[1]), numbers(in[2])
	out, dtheta := make([]float64, len(u)), make([]float64, len(theta))
	f := op.Family.At(theta)
	for i := range u {
		_, dydu := f(u[i], dtheta)
		out[i] = dout[i] * dydu
	}
	return value(in[0], out, in[0].Shape()...), nil
}

// WriteHash writes the op's name.
func (op DenoiseGradInput) WriteHash(h hash.Hash) { writeHash(op, h) }

// Hashcode hashes the op's name.
func (op DenoiseGradInput) Hashcode() uint32 { return hashcode(op) }

// DenoiseGradParams is from (dx̂, u, θ) the gradient dθ = Σ dx̂·∂f/∂θ over all elements.
type DenoiseGradParams struct {
	Family Family
	reference
}

func (op DenoiseGradParams) String() string { return fmt.Sprintf("denoise.grad.theta(%s)", op.Family) }

// RowWise is true for dx̂ and u.
func (op DenoiseGradParams) RowWise(in int) bool { return in < 2 }

// Arity is 3.
func (op DenoiseGradParams) Arity() int { return 3 }

// Type is matrix → matrix → vector → vector.
func (op DenoiseGradParams) Type() hm.Type { return hm.NewFnType(matrix, matrix, vector, vector) }

// InferShape is the shape of θ.
func (op DenoiseGradParams) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return shapeOf(op, in, 2)
}

// Do is the reference, computed in float64.
func (op DenoiseGradParams) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	dout, u, theta := numbers(in[0]), numbers(in[1]), numbers(in[2])
	sum, dtheta := make([]float64, len(theta)), make([]float64, len(theta))
	f := op.Family.At(theta)
	for i := range u {
		f(u[i], dtheta)
		for k, d := range dtheta {
			sum[k] += dout[i] * d
		}
	}
	return value(in[0], sum, len(sum)), nil
}

// WriteHash writes the op's name.
func (op DenoiseGradParams) WriteHash(h hash.Hash) { writeHash(op, h) }

// Hashcode hashes the op's name.
func (op DenoiseGradParams) Hashcode() uint32 { return hashcode(op) }
