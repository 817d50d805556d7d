package cpp

import (
	"fmt"
	"strings"

	"autoamp/cuda/emulated/ptx"
)

// jump writes a goto.
func (w *function) jump(label string) (string, error) {
	if !w.labels[label] {
		return "", fmt.Errorf("label %s is not known", label)
	}
	return "goto " + labelName(label) + ";", nil
}

// branch writes bra.
func (w *function) branch(i ptx.Instruction) (string, error) {
	if err := want(i, 1); err != nil {
		return "", err
	}
	s, ok := i.Operands[0].(ptx.Symbol)
	if !ok {
		return "", fmt.Errorf("an operand that is no label")
	}
	return w.jump(s.Name)
}

// indexedBranch writes brx.idx.
func (w *function) indexedBranch(i ptx.Instruction) (string, error) {
	if err := want(i, 2); err != nil {
		return "", err
	}
	index, err := w.value(i.Operands[0], unsigned(32))
	if err != nil {
		return "", err
	}
	s, _ := i.Operands[1].(ptx.Symbol)
	labels, ok := w.targets[s.Name]
	if !ok {
		return "", fmt.Errorf("targets %s are not known", s.Name)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "switch (%s) { ", index)
	for k, label := range labels {
		jump, err := w.jump(label)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "case %d: %s ", k, jump)
	}
	fmt.Fprintf(&b, "default: fault(%d, \"an indexed branch to nowhere\"); }", i.Line)
	return b.String(), nil
}

// call writes a call of a function of the module: call (results), function, (arguments).
func (w *function) call(i ptx.Instruction) (string, error) {
	var lists [2][]ptx.Operand // before and behind the name
	name := ""
	for _, o := range i.Operands {
		switch o := o.(type) {
		case ptx.Symbol:
			name = o.Name
		case ptx.Vector:
			if name == "" {
				lists[0] = o.Elements
			} else {
				lists[1] = o.Elements
			}
		}
	}
	g := define(w.kernel.module, name)
	if g == nil || g.Entry {
		return "", fmt.Errorf("only functions of the module can be called")
	}
	if len(lists[0]) != len(g.Results) || len(lists[1]) != len(g.Parameters) {
		return "", fmt.Errorf("%s has %d results and %d parameters", name, len(g.Results), len(g.Parameters))
	}
	out, err := w.pointers(lists[0])
	if err != nil {
		return "", err
	}
	in, err := w.pointers(lists[1])
	return fmt.Sprintf("{ char* const in_[] = {%s}; char* const out_[] = {%s}; %s(in_, out_); }", in, out, functionName(name)), err
}

// pointers writes the addresses of the parameters of a call.
func (w *function) pointers(list []ptx.Operand) (string, error) {
	parts := []string{}
	for _, o := range list {
		s, _ := o.(ptx.Symbol)
		p, ok := w.places[s.Name]
		if !ok || p.space != ptx.Param {
			return "", fmt.Errorf("an argument that is no parameter")
		}
		parts = append(parts, "(char*)"+p.address)
	}
	return strings.Join(append(parts, "nullptr"), ", "), nil
}

// leave writes ret, and exit where it is the same.
func (w *function) leave(i ptx.Instruction) (string, error) {
	if i.Opcode == "exit" && !w.Entry {
		return "", fmt.Errorf("only kernels may end a thread")
	}
	return "return;", nil
}

// trap writes what __trap() becomes.
func (w *function) trap(i ptx.Instruction) (string, error) {
	return fmt.Sprintf("fault(%d, \"trap\");", i.Line), nil
}
