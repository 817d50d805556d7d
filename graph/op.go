package graph

import (
	"fmt"
	"hash"
	"hash/fnv"
	"math"
	"slices"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Kernel is one operation of a program. The ops of the gorgonia graph are kernels, and so are
// a few that only compilation introduces: Sample, Gather, DenoiseMSE, GradNorm, Step.
type Kernel interface {
	fmt.Stringer

	// Facts returns the properties of the kernel that compilation and executors use.
	Facts() Facts
}

// Facts are the properties of a kernel that compilation and executors use.
type Facts struct {
	// In and Out are the types of an op of the gorgonia graph. They are empty for a kernel that is no such op.
	In  []hm.Type
	Out hm.Type
	// RowWise is the number of row-wise inputs; they are the first ones. To write some rows of its outputs, the kernel
	// reads only the same rows of a row-wise input. Executors split rows over threads and blocks: a row-wise input needs no
	// waiting for other threads.
	RowWise int
	// InPlace says which output may take the memory of which input.
	InPlace InPlace
	// Reduces says that the first output is a sum over rows.
	Reduces bool
	// Constant is the number of inputs, from the last on, that have no gradient.
	Constant int
}

// InPlace says that an output may take the memory of an input: both are elementwise over the same rows, and the kernel
// reads each element before it writes it.
type InPlace struct {
	Allowed bool
	Out, In int // number of the output and of the input
}

// overInput is InPlace of most kernels: the first output may overwrite the first input.
var overInput = InPlace{Allowed: true}

// every is RowWise of a kernel with all its inputs.
const every = math.MaxInt

// Op is a kernel that is also a node of a gorgonia graph. Do is its reference arithmetic.
type Op interface {
	Kernel
	// InferShape returns the output's shape, or an error that names the op.
	InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error)
	// Do computes the output in fresh memory.
	Do(in ...gorgonia.Value) (gorgonia.Value, error)
}

// Differentiable is an op that has gradients.
type Differentiable interface {
	Op
	// SymDiff returns the gradients with respect to the inputs, given the gradient of the output. The gradient of a constant
	// input is nil.
	SymDiff(in gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error)
}

// Apply adds a node to the graph of its inputs.
func Apply(op Op, in ...*gorgonia.Node) (*gorgonia.Node, error) {
	if d, ok := op.(Differentiable); ok {
		return gorgonia.ApplyOp(differentiable{node{op}, d}, in...)
	}
	return gorgonia.ApplyOp(node{op}, in...)
}

// OpOf returns the op of this package behind a node's op; ok is false for an op of gorgonia.
func OpOf(op gorgonia.Op) (ours Op, ok bool) {
	switch n := op.(type) {
	case node:
		return n.Op, true
	case differentiable:
		return n.Op, true
	}
	return nil, false
}

// node is an op with the methods of gorgonia.Op that are the same for all ops of this package.
type node struct{ Op }

// Arity is the number of inputs.
func (n node) Arity() int { return len(n.Facts().In) }

// Type is the op's signature.
func (n node) Type() hm.Type {
	f := n.Facts()
	return hm.NewFnType(append(slices.Clone(f.In), f.Out)...)
}

// ReturnsPtr is false: Do returns fresh memory.
func (node) ReturnsPtr() bool { return false }

// CallsExtern is false: Do stays in Go.
func (node) CallsExtern() bool { return false }

// OverwritesInput is −1: Do overwrites none.
func (node) OverwritesInput() int { return -1 }

// WriteHash writes the op's name. gorgonia merges nodes with equal hashes of their ops and equal inputs. Every op prints
// all of its parameters, so its name is its hash.
func (n node) WriteHash(h hash.Hash) { fmt.Fprint(h, n.String()) }

// Hashcode hashes the op's name.
func (n node) Hashcode() uint32 {
	h := fnv.New32a()
	n.WriteHash(h)
	return h.Sum32()
}

// differentiable is a node with gradients.
type differentiable struct {
	node
	op Differentiable
}

// DiffWRT says which inputs have a gradient.
func (d differentiable) DiffWRT(inputs int) []bool {
	has := make([]bool, inputs)
	for i := range inputs - d.Facts().Constant {
		has[i] = true
	}
	return has
}

// SymDiff is the op's.
func (d differentiable) SymDiff(in gorgonia.Nodes, out, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	return d.op.SymDiff(in, out, dout)
}

// types are the types of an op's inputs.
type types = []hm.Type

// Types of op signatures: matrices and vectors over one float type a.
var (
	element = hm.TypeVariable('a')
	vector  = gorgonia.TensorType{Dims: 1, Of: element}
	matrix  = gorgonia.TensorType{Dims: 2, Of: element}
)

// shapeOf returns the shape of the i-th input, or an error that names the op.
func shapeOf(op fmt.Stringer, in []gorgonia.DimSizer, i int) (tensor.Shape, error) {
	s, ok := in[i].(tensor.Shape)
	if !ok {
		return nil, fmt.Errorf("graph: %v: input %d has no shape", op, i)
	}
	return s, nil
}

// sameShape returns the common shape of all inputs.
func sameShape(op fmt.Stringer, in []gorgonia.DimSizer) (tensor.Shape, error) {
	first, err := shapeOf(op, in, 0)
	if err != nil {
		return nil, err
	}
	for i := range in {
		s, err := shapeOf(op, in, i)
		if err != nil {
			return nil, err
		}
		if !s.Eq(first) {
			return nil, fmt.Errorf("graph: %v: inputs of shape %v and %v differ", op, first, s)
		}
	}
	return first.Clone(), nil
}

// checkLength reports an error if the i-th input does not have want elements; noun names the elements.
func checkLength(op fmt.Stringer, in []gorgonia.DimSizer, i, want int, noun string) error {
	s, err := shapeOf(op, in, i)
	if err == nil && s.TotalSize() != want {
		err = fmt.Errorf("graph: %v: %d %s, want %d", op, s.TotalSize(), noun, want)
	}
	return err
}

// numbers returns a value's elements as float64, row-major.
func numbers(v gorgonia.Value) []float64 {
	switch data := v.Data().(type) {
	case []float64:
		return data
	case []float32:
		out := make([]float64, len(data))
		for i, x := range data {
			out[i] = float64(x)
		}
		return out
	case float64:
		return []float64{data}
	case float32:
		return []float64{float64(data)}
	}
	panic(fmt.Sprintf("graph: element type %v: ops are defined on float32 and float64", v.Dtype()))
}

// value makes a tensor of the element type of like from float64 elements.
func value(like gorgonia.Value, data []float64, shape ...int) gorgonia.Value {
	if like.Dtype() == tensor.Float64 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(narrow(data)))
}

// scalar makes a scalar of the element type of like.
func scalar(like gorgonia.Value, x float64) gorgonia.Value {
	if like.Dtype() == tensor.Float64 {
		return gorgonia.NewF64(x)
	}
	return gorgonia.NewF32(float32(x))
}

func narrow(data []float64) []float32 {
	out := make([]float32, len(data))
	for i, x := range data {
		out[i] = float32(x)
	}
	return out
}
