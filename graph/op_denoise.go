package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Denoise applies a scalar denoiser to every element: x̂ = f(u; θ), from (u, θ).
type Denoise struct {
	Family Family
}

func (op Denoise) String() string { return fmt.Sprintf("denoise(%s)", op.Family) }

// Facts implements Kernel.
func (Denoise) Facts() Facts {
	return Facts{In: types{matrix, vector}, Out: matrix, RowWise: 1, InPlace: overInput}
}

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

// SymDiff is DenoiseGradInput and DenoiseGradParams.
func (op Denoise) SymDiff(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	du, err := Apply(DenoiseGradInput(op), dout, in[0], in[1])
	if err != nil {
		return nil, err
	}
	dtheta, err := Apply(DenoiseGradParams(op), dout, in[0], in[1])
	return gorgonia.Nodes{du, dtheta}, err
}

// DenoiseGradInput is from (dx̂, u, θ) the gradient du = dx̂·f′(u; θ).
type DenoiseGradInput struct {
	Family Family
}

func (op DenoiseGradInput) String() string { return fmt.Sprintf("denoise.grad.u(%s)", op.Family) }

// Facts implements Kernel.
func (DenoiseGradInput) Facts() Facts {
	return Facts{In: types{matrix, matrix, vector}, Out: matrix, RowWise: 2, InPlace: overInput}
}

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

// DenoiseGradParams is from (dx̂, u, θ) the gradient dθ = Σ dx̂·∂f/∂θ over all elements.
type DenoiseGradParams struct {
	Family Family
}

func (op DenoiseGradParams) String() string { return fmt.Sprintf("denoise.grad.theta(%s)", op.Family) }

// Facts implements Kernel.
func (DenoiseGradParams) Facts() Facts {
	return Facts{In: types{matrix, matrix, vector}, Out: vector, RowWise: 2, Reduces: true}
}

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
