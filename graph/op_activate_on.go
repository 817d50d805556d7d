package graph

import (
	"hash"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// ActivateOn is Activate with the proxy gradient of Rangamani et al.: from (z, x*) the value is that of Activate at z, and
// the gradient dz = dy where x* ≠ 0 and 0 elsewhere. x* has no gradient.
type ActivateOn struct {
	Activate
}

func (op ActivateOn) String() string { return op.Activate.String() + ".on" }

// Arity is 2.
func (op ActivateOn) Arity() int { return 2 }

// Type is matrix → matrix → matrix.
func (op ActivateOn) Type() hm.Type { return hm.NewFnType(matrix, matrix, matrix) }

// InferShape is the inputs' shape.
func (op ActivateOn) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return sameShape(op, in)
}

// Do is the reference, computed in float64.
func (op ActivateOn) Do(in ...gorgonia.Value) (gorgonia.Value, error) { return op.Activate.Do(in[0]) }

// DiffWRT says that z has a gradient.
func (op ActivateOn) DiffWRT(int) []bool { return []bool{true, false} }

// SymDiff lets dy through on the support of x*, as the gradient of a threshold does.
func (op ActivateOn) SymDiff(in gorgonia.Nodes, _, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	dz, err := gorgonia.ApplyOp(ActivateGrad{Function: Threshold}, dy, in[1])
	return gorgonia.Nodes{dz, nil}, err
}

// WriteHash writes the op's name.
func (op ActivateOn) WriteHash(h hash.Hash) { writeHash(op, h) }

// Hashcode hashes the op's name.
func (op ActivateOn) Hashcode() uint32 { return hashcode(op) }
