package graph

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// SignSTE is the code: forward y = sign(z), backward the straight-through surrogate
// dz = dy·tanh′(z/τ)/τ, τ = Tau (ICML 2024, section 3).
//
// sign(0) is a fair coin: a program's executor tosses it from the replica's seed, the step and the
// element's index. The reference Do does not know seed and step: it gives alternate zeros alternate
// signs by their index.
type SignSTE struct {
	Tau float64
}

func (op SignSTE) String() string { return fmt.Sprintf("sign(tau=%g)", op.Tau) }

// Facts implements Kernel.
func (SignSTE) Facts() Facts {
	return Facts{In: types{matrix}, Out: matrix, RowWise: every, InPlace: overInput}
}

// InferShape is the input's shape.
func (op SignSTE) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return sameShape(op, in)
}

// Do is the reference.
func (op SignSTE) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	z := numbers(in[0])
	out := make([]float64, len(z))
	for i, v := range z {
		switch {
		case v > 0 || v == 0 && i%2 == 0:
			out[i] = 1
		case v <= 0:
			out[i] = -1
		default:
			out[i] = math.NaN()
		}
	}
	return value(in[0], out, in[0].Shape()...), nil
}

// SymDiff is SignGrad.
func (op SignSTE) SymDiff(in gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	dz, err := Apply(SignGrad(op), dy, in[0])
	return gorgonia.Nodes{dz}, err
}

// SignGrad is the surrogate gradient of SignSTE: from (dy, z), dz = dy·(1 − tanh²(z/τ))/τ.
type SignGrad struct {
	Tau float64
}

func (op SignGrad) String() string { return fmt.Sprintf("sign.grad(tau=%g)", op.Tau) }

// Facts implements Kernel.
func (SignGrad) Facts() Facts {
	return Facts{In: types{matrix, matrix}, Out: matrix, RowWise: every, InPlace: overInput}
}

// InferShape is the inputs' shape.
func (op SignGrad) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return sameShape(op, in)
}

// Do is the reference, computed in float64.
func (op SignGrad) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	dy, z := numbers(in[0]), numbers(in[1])
	out := make([]float64, len(z))
	for i := range z {
		c := math.Cosh(z[i] / op.Tau) // 1 − tanh² = 1/cosh²; overflows to the right limit, 0
		out[i] = dy[i] / (c * c) / op.Tau
	}
	return value(in[0], out, in[0].Shape()...), nil
}
