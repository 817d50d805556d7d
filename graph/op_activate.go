package graph

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Activation names an activation function.
type Activation string

// The activations.
const (
	ReLU      Activation = "relu" // max(x, 0), with derivative 0 at 0
	Tanh      Activation = "tanh"
	Threshold Activation = "threshold" // x where |x| > λ, else 0, with derivative 1 where it is not 0
)

// Activations lists the activations of the deep model.
func Activations() []Activation { return []Activation{ReLU, Tanh} }

// TiedActivations lists the activations of the tied model.
func TiedActivations() []Activation { return []Activation{ReLU, Threshold} }

// Activate applies an activation to every element.
type Activate struct {
	Function Activation
	// Lambda is λ ≥ 0 of Threshold.
	Lambda float64
}

func (op Activate) String() string {
	if op.Function == Threshold {
		return fmt.Sprintf("threshold(%g)", op.Lambda)
	}
	return string(op.Function)
}

// Facts implements Kernel.
func (Activate) Facts() Facts {
	return Facts{In: types{matrix}, Out: matrix, RowWise: every, InPlace: overInput}
}

// InferShape is the input's shape.
func (op Activate) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return sameShape(op, in)
}

// Do is the reference, computed in float64.
func (op Activate) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	x := numbers(in[0])
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = op.at(v)
	}
	return value(in[0], out, in[0].Shape()...), nil
}

// at is the function of one number; NaN stays NaN.
func (op Activate) at(v float64) float64 {
	switch op.Function {
	case ReLU:
		return math.Max(v, 0)
	case Threshold:
		if math.Abs(v) <= op.Lambda {
			return 0
		}
		return v
	}
	return math.Tanh(v)
}

// SymDiff is ActivateGrad, which reads the output: the input need not be kept.
func (op Activate) SymDiff(_ gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := Apply(ActivateGrad{Function: op.Function}, dout, out)
	return gorgonia.Nodes{dx}, err
}

// ActivateGrad is the gradient of Activate: from (dy, y) the product of dy with the derivative. The derivative is 1
// where y > 0 for relu, 1 − y² for tanh, and 1 where y ≠ 0 for threshold.
type ActivateGrad struct {
	Function Activation
}

func (op ActivateGrad) String() string { return string(op.Function) + ".grad" }

// Facts implements Kernel.
func (ActivateGrad) Facts() Facts {
	return Facts{In: types{matrix, matrix}, Out: matrix, RowWise: every, InPlace: overInput}
}

// InferShape is the inputs' shape.
func (op ActivateGrad) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return sameShape(op, in)
}

// Do is the reference, computed in float64.
func (op ActivateGrad) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	dy, y := numbers(in[0]), numbers(in[1])
	out := make([]float64, len(y))
	for i, v := range y {
		switch {
		case op.Function == Tanh:
			out[i] = dy[i] * (1 - v*v)
		case v > 0, op.Function == Threshold && v != 0:
			out[i] = dy[i]
		}
	}
	return value(in[0], out, in[0].Shape()...), nil
}
