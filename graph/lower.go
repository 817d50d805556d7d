package graph

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
)

// lowering turns a sorted gorgonia graph into instructions, one per node.
type lowering struct {
	program *Program
	buffer  map[*gorgonia.Node]int
	norms   map[int]int // weight of a RowNormalize → its inverse norms
}

// lower translates the whole graph of m, dead nodes included, one instruction per op.
func lower(m *Model) (*lowering, error) {
	nodes, err := gorgonia.Sort(m.Graph)
	if err != nil {
		return nil, fmt.Errorf("graph: sort: %w", err)
	}
	l := &lowering{program: &Program{}, buffer: map[*gorgonia.Node]int{}, norms: map[int]int{}}
	for _, p := range m.Params {
		l.buffer[p.Node] = l.add(p.Name, Weight, p.Node.Shape()...)
	}
	l.buffer[m.Input] = l.add(inputName, Input, m.Input.Shape()...)
	if m.Code != nil {
		l.buffer[m.Code] = l.add(TrueCode, Input, m.Code.Shape()...)
	}
	for _, node := range slices.Backward(nodes) { // gorgonia sorts outputs first
		if err := l.node(m, node); err != nil {
			return nil, err
		}
	}
	l.program.Loss = l.buffer[m.Loss]
	return l, nil
}

func (l *lowering) add(name string, kind Kind, shape ...int) int {
	l.program.Buffers = append(l.program.Buffers, Buffer{Name: name, Kind: kind, Shape: slices.Clone(shape)})
	return len(l.program.Buffers) - 1
}

func (l *lowering) emit(op Kernel, in, out []int) {
	l.program.Instrs = append(l.program.Instrs, Instr{Op: op, In: in, Out: out})
}

// node emits the instruction of one node and records the buffer of its value.
func (l *lowering) node(m *Model, node *gorgonia.Node) error {
	if _, known := l.buffer[node]; known || node.Op() == nil || isOne(node) {
		return nil
	}
	var in []int
	for _, child := range m.inputs(node) {
		b, ok := l.buffer[child]
		if !ok && !isOne(child) {
			return fmt.Errorf("graph: %v reads %v, which has no buffer", node.Op(), child)
		}
		if ok {
			in = append(in, b)
		}
	}
	op, err := kernelOf(node, len(in))
	if err != nil {
		return err
	}
	kind := Temp
	if op.Facts().Reduces {
		kind = Reduction
	}
	out := []int{l.add(m.nameOf(node, op), kind, node.Shape()...)}
	l.buffer[node] = out[0]
	switch op.(type) {
	case RowNormalize:
		l.norms[in[0]] = l.add("encoder.invnorm", Temp, node.Shape()[0], 1)
		out = append(out, l.norms[in[0]])
	case RowNormalizeGrad:
		in[2] = l.norms[in[2]]
	}
	l.emit(op, in, out)
	return nil
}

// isOne reports the constant 1, the gradient of the loss with respect to itself.
func isOne(node *gorgonia.Node) bool {
	if len(node.Shape()) != 0 || node.Value() == nil {
		return false
	}
	switch v := node.Value().Data().(type) {
	case float32:
		return v == 1
	case float64:
		return v == 1
	}
	return false
}

// kernelOf returns the node's op. Differentiation inserts one built-in op of gorgonia, elementwise
// addition: for it kernelOf returns Add.
func kernelOf(node *gorgonia.Node, inputs int) (Kernel, error) {
	op, ok := OpOf(node.Op())
	if !ok && inputs == 2 && node.Op().String() == "+ false" {
		return Add{}, nil
	}
	if !ok {
		return nil, fmt.Errorf("graph: op %v has no kernel", node.Op())
	}
	if _, grad := op.(MSEGrad); grad && inputs != 2 {
		return nil, fmt.Errorf("graph: the loss must be the last node: something scales or adds to %v", node)
	}
	return op, nil
}

// nameOf names the value of a node for dumps and error messages.
func (m *Model) nameOf(node *gorgonia.Node, op Kernel) string {
	if name, ok := m.names[node]; ok {
		return name
	}
	for i, g := range m.grads {
		if g == node {
			return m.trained()[i].Name + ".grad"
		}
	}
	return op.String()
}

// trained returns the trained parameters, in order.
func (m *Model) trained() []Param {
	return slices.DeleteFunc(slices.Clone(m.Params), func(p Param) bool { return !p.Trained })
}
