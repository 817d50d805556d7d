package onnx

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"autoamp/graph"
)

// translator adds the operators of a forward pass to a file.
type translator struct {
	graphProto
	names     map[*gorgonia.Node]string
	constants map[*gorgonia.Node]constant // parameters, and what depends on parameters alone
	used      map[string]bool             // names of values and initializers
}

// constant is a value that does not depend on the data.
type constant struct {
	name  string
	value gorgonia.Value
}

func newTranslator(name string) *translator {
	return &translator{
		graphProto: graphProto{name: name}, names: map[*gorgonia.Node]string{},
		constants: map[*gorgonia.Node]constant{}, used: map[string]bool{},
	}
}

// node adds one node of the forward pass. What depends on parameters alone is computed here.
func (t *translator) node(f graph.ForwardNode) error {
	if slices.ContainsFunc(f.Inputs, func(in *gorgonia.Node) bool { return t.names[in] != "" }) {
		return t.operators(f)
	}
	in := make([]gorgonia.Value, len(f.Inputs))
	for i, node := range f.Inputs {
		c, ok := t.constants[node]
		if !ok {
			return nil // it leads to the code, and the file begins behind the code
		}
		in[i] = c.value
	}
	value, err := f.Op.Do(in...)
	if err != nil {
		return fmt.Errorf("train: onnx: %s: %w", f.Name, err)
	}
	t.constants[f.Node] = constant{f.Name, value}
	return nil
}

// operators translates an op of data.
func (t *translator) operators(f graph.ForwardNode) error {
	x, out := t.names[f.Inputs[0]], t.fresh(f.Name)
	t.names[f.Node] = out
	switch op := f.Op.(type) {
	case graph.MatMul:
		t.add(out, "Gemm", []string{x, t.input(f.Inputs[1])}, attribute{"transB", int64(bit(op.TransB))})
	case graph.SignSTE:
		t.sign(out, x)
	case graph.Bias:
		t.add(out, "Add", []string{x, t.input(f.Inputs[1])})
	case graph.Scale:
		t.add(out, "Mul", []string{x, t.input(f.Inputs[1])})
	case graph.Merge:
		t.merge(out, x, t.names[f.Inputs[1]], t.constants[f.Inputs[2]])
	case graph.Activate:
		return t.activate(out, x, op)
	case graph.ActivateOn:
		return t.activate(out, x, op.Activate) // the true code is for the gradient
	case graph.Denoise:
		return t.denoise(out, x, op.Family, t.constants[f.Inputs[1]])
	default:
		return fmt.Errorf("train: onnx: op %v: has no translation", f.Op)
	}
	return nil
}

// input names an operand. A constant becomes an initializer when it is first used.
func (t *translator) input(node *gorgonia.Node) string {
	c, ok := t.constants[node]
	if !ok {
		return t.names[node]
	}
	if !t.used[c.name] {
		t.initialise(c.name, c.floats(), c.value.Shape()...)
	}
	return c.name
}

func (c constant) floats() []float32 {
	values, _ := c.value.Data().([]float32) // the graph is of float32
	return values
}

// initialise adds an initializer.
func (t *translator) initialise(name string, values []float32, shape ...int) string {
	t.used[name] = true
	t.initializers = append(t.initializers, initializer{name, shape, values})
	return name
}

// number is an initializer of one number, which is added once.
func (t *translator) number(name string, value float64) string {
	if !t.used[name] {
		t.initialise(name, []float32{float32(value)})
	}
	return name
}

// add adds an operator and returns its output.
func (t *translator) add(out, op string, in []string, attributes ...attribute) string {
	t.used[out] = true
	t.graphProto.operators = append(t.graphProto.operators, operator{op, in, out, attributes})
	return out
}

// fresh is a name that no value has.
func (t *translator) fresh(name string) string {
	unique := name
	for i := 2; t.used[unique]; i++ {
		unique = fmt.Sprintf("%s.%d", name, i)
	}
	t.used[unique] = true
	return unique
}

// sign is −1 where z < 0, +1 where z ≥ 0, NaN where z is NaN.
func (t *translator) sign(out, z string) {
	zero := t.number("zero", 0)
	negative := t.add(out+".negative", "Less", []string{z, zero})
	other := t.add(out+".other", "GreaterOrEqual", []string{z, zero})
	positive := t.add(out+".positive", "Where", []string{other, t.number("one", 1), z})
	t.add(out, "Where", []string{negative, t.number("minus.one", -1), positive})
}

// merge is β·x + γ·y.
func (t *translator) merge(out, x, y string, w constant) {
	v := w.floats()
	left := t.add(out+".left", "Mul", []string{x, t.number(w.name+".beta", float64(v[0]))})
	right := t.add(out+".right", "Mul", []string{y, t.number(w.name+".gamma", float64(v[1]))})
	t.add(out, "Add", []string{left, right})
}

// activate is σ of a hidden layer.
func (t *translator) activate(out, x string, op graph.Activate) error {
	switch op.Function {
	case graph.ReLU:
		t.add(out, "Relu", []string{x})
	case graph.Tanh:
		t.add(out, "Tanh", []string{x})
	case graph.Threshold:
		size := t.add(out+".size", "Abs", []string{x})
		small := t.add(out+".small", "LessOrEqual", []string{size, t.number("lambda", op.Lambda)})
		t.add(out, "Where", []string{small, t.number("zero", 0), x})
	default:
		return fmt.Errorf("train: onnx: activation %q: has no translation", op.Function)
	}
	return nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// weight is a parameter's value as the graph has it.
func weight(values []float32, shape ...int) gorgonia.Value {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
}
