//go:build gpu

package cuda

import (
	"fmt"
	"reflect"
	"slices"

	"autoamp/graph"
)

// row binds the ops of one type to the function that puts them on the stream.
type row struct {
	op     reflect.Type
	known  func(op graph.Kernel) bool
	launch func(l *loaded, in graph.Instr) error
}

// on is the row of ops of type T. Elementwise kernels go over x: the first input, or the output of an op without inputs.
func on[T graph.Kernel](f func(l *loaded, op T, in graph.Instr, x graph.Buffer) error) row {
	return onIf(func(T) bool { return true }, f)
}

// onIf is the row of the ops of type T that known accepts.
func onIf[T graph.Kernel](known func(op T) bool, f func(l *loaded, op T, in graph.Instr, x graph.Buffer) error) row {
	return row{
		op:    reflect.TypeFor[T](),
		known: func(op graph.Kernel) bool { return known(op.(T)) },
		launch: func(l *loaded, in graph.Instr) error {
			x := in.Out[0]
			if len(in.In) > 0 {
				x = in.In[0]
			}
			return f(l, in.Op.(T), in, l.Buffers[x])
		},
	}
}

// atEnd is the row of ops of type T that run at the end of a step.
func atEnd[T graph.Kernel](known func(op T) bool) row {
	return onIf(known, func(_ *loaded, op T, _ graph.Instr, _ graph.Buffer) error {
		return fmt.Errorf("cuda: op %v has no launch of its own", op)
	})
}

// rowOf returns the row of an op, or an error for an op without a kernel.
func rowOf(op graph.Kernel) (row, error) {
	for _, r := range table() {
		if r.op == reflect.TypeOf(op) && r.known(op) {
			return r, nil
		}
	}
	return row{}, fmt.Errorf("cuda: load: op %v has no GPU kernel", op)
}

// planOf checks that every op of a program has a kernel, and arranges the program.
func planOf(p *graph.Program, precision Precision) (*plan, error) {
	for _, in := range p.Instrs {
		if _, err := rowOf(in.Op); err != nil {
			return nil, err
		}
	}
	return newPlan(p, precision)
}

// launch puts one instruction of the pass on the stream.
func (l *loaded) launch(in graph.Instr) error {
	r, err := rowOf(in.Op)
	if err != nil {
		return err
	}
	return r.launch(l, in)
}

// table is every op that this executor runs.
func table() []row {
	return slices.Concat(products, draws, summers, merges, elementwise, ends)
}
