package graph

import (
	"fmt"
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Kernel is one operation of a program. The ops of the gorgonia graph are kernels, and so are
// a few that only compilation introduces: Sample, Gather, DenoiseMSE, GradNorm, Step.
type Kernel interface {
	fmt.Stringer

	// RowWise reports whether the kernel, to write some rows of its outputs, reads its
	// in-th input at the same rows only. Executors split rows over threads and blocks:
	// a row-wise input needs no waiting for other threads.
	RowWise(in int) bool
}

// Op is a kernel that is also a node of a gorgonia graph, with its reference arithmetic Do.
type Op interface {
	Kernel
	gorgonia.Op
}

// reference supplies the methods of gorgonia.Op that all our ops answer alike: Do returns
// fresh memory and stays in Go.
type reference struct{}

func (reference) ReturnsPtr() bool     { return false }
func (reference) CallsExtern() bool    { return false }
func (reference) OverwritesInput() int { return -1 }

// gorgonia merges nodes whose ops hash alike and whose inputs are the same. Every op prints
// all of its parameters, so its name is its hash.
func writeHash(op fmt.Stringer, h hash.Hash) { fmt.Fprint(h, op.String()) }

func hashcode(op fmt.Stringer) uint32 {
	h := fnv.New32a()
	writeHash(op, h)
	return h.Sum32()
}

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

// checkLength reports an i-th input that has not so many elements; noun says what they are.
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
