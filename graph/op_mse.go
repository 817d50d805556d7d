package graph

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// MSE is the mean squared error per coordinate of (x̂, x), a scalar: ‖x̂ − x‖²/(b·d).
type MSE struct{}

func (op MSE) String() string { return "mse" }

// Facts implements Kernel.
func (MSE) Facts() Facts {
	return Facts{In: types{matrix, matrix}, Out: element, RowWise: every, Reduces: true}
}

// InferShape is the scalar's.
func (op MSE) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	_, err := sameShape(op, in)
	return tensor.ScalarShape(), err
}

// Do is the reference, computed in float64.
func (op MSE) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	a, b := numbers(in[0]), numbers(in[1])
	var sum float64
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return scalar(in[0], sum/float64(len(a))), nil
}

// SymDiff returns MSEGrad for each argument, with the other argument as its target.
func (op MSE) SymDiff(in gorgonia.Nodes, _, dloss *gorgonia.Node) (gorgonia.Nodes, error) {
	da, err := Apply(MSEGrad{}, in[0], in[1], dloss)
	if err != nil {
		return nil, err
	}
	db, err := Apply(MSEGrad{}, in[1], in[0], dloss)
	return gorgonia.Nodes{da, db}, err
}

// MSEGrad is from (x̂, x, dL) the gradient dx̂ = dL·2(x̂ − x)/(b·d). In a program it has no
// third input (dL = 1) and, after fusion, the loss as a second output.
type MSEGrad struct{}

func (op MSEGrad) String() string { return "mse.grad" }

// Facts implements Kernel.
func (MSEGrad) Facts() Facts {
	return Facts{In: types{matrix, matrix, element}, Out: matrix, RowWise: every, InPlace: overInput}
}

// InferShape is the shape of x̂.
func (op MSEGrad) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return sameShape(op, in[:2])
}

// Do is the reference, computed in float64.
func (op MSEGrad) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	a, b, dloss := numbers(in[0]), numbers(in[1]), numbers(in[2])[0]
	out := make([]float64, len(a))
	for i := range a {
		out[i] = dloss * 2 * (a[i] - b[i]) / float64(len(a))
	}
	return value(in[0], out, in[0].Shape()...), nil
}
