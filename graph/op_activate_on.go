package graph

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// ActivateOn is Activate with the proxy gradient of Rangamani et al. From (z, x*) its value is Activate's value at z. Its
// gradient is dz = dy where x* ≠ 0, and 0 elsewhere; x* has no gradient.
type ActivateOn struct {
	Activate
}

func (op ActivateOn) String() string { return op.Activate.String() + ".on" }

// Facts says that x* has no gradient.
func (ActivateOn) Facts() Facts {
	return Facts{In: types{matrix, matrix}, Out: matrix, RowWise: every, InPlace: overInput, Constant: 1}
}

// InferShape is the inputs' shape.
func (op ActivateOn) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return sameShape(op, in)
}

// Do is the reference, computed in float64.
func (op ActivateOn) Do(in ...gorgonia.Value) (gorgonia.Value, error) { return op.Activate.Do(in[0]) }

// SymDiff lets dy through on the support of x*, as the gradient of a threshold does.
func (op ActivateOn) SymDiff(in gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	dz, err := Apply(ActivateGrad{Function: Threshold}, dy, in[1])
	return gorgonia.Nodes{dz, nil}, err
}
