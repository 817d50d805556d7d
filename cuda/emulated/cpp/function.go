package cpp

import (
	"fmt"
	"sort"
	"strings"

	"autoamp/cuda/emulated/ptx"
)

// function writes the body of one function.
type function struct {
	*ptx.Function
	kernel  *kernel
	places  map[string]place
	labels  map[string]bool
	targets map[string][]string
	text    strings.Builder
}

// place is the address of a variable.
type place struct {
	space   ptx.Space
	address string // in C++, of 64 bits
	bytes   int
}

// prototype is the head of a function in C++. A thread of a kernel has its arguments in one piece; a function has an address for
// each argument and each result.
func prototype(f *ptx.Function) string {
	if f.Entry {
		return fmt.Sprintf("static void %s(const char* arguments)", functionName(f.Name))
	}
	return fmt.Sprintf("static void %s(char* const* in, char* const* out)", functionName(f.Name))
}

// translate returns a function in C++.
func translate(k *kernel, f *ptx.Function) (string, error) {
	w := &function{Function: f, kernel: k, places: map[string]place{}, labels: map[string]bool{}, targets: map[string][]string{}}
	fmt.Fprintf(&w.text, "%s {\n", prototype(f))
	w.locate()
	w.registers()
	for _, s := range f.Body {
		switch s := s.(type) {
		case ptx.Label:
			w.labels[s.Name] = true
		case ptx.Targets:
			w.targets[s.Name] = s.Labels
		}
	}
	for _, s := range f.Body {
		if err := w.statement(s); err != nil {
			return "", err
		}
	}
	w.text.WriteString("}\n")
	return w.text.String(), nil
}

// locate finds out where the variables are that the function can name.
func (w *function) locate() {
	for _, v := range w.kernel.module.Variables {
		if v.Space != ptx.Shared {
			w.places[v.Name] = place{v.Space, "(uint64_t)" + variableName(v.Name), v.Bytes}
		}
	}
	for name, at := range w.kernel.shared {
		w.places[name] = place{ptx.Shared, fmt.Sprintf("%du", at), 0}
	}
	at := offsets(w.Parameters)
	for i, p := range w.Parameters {
		address := fmt.Sprintf("(uint64_t)(arguments + %d)", at[i])
		if !w.Entry {
			address = fmt.Sprintf("(uint64_t)in[%d]", i)
		}
		w.places[p.Name] = place{ptx.Param, address, p.Bytes}
	}
	for i, p := range w.Results {
		w.places[p.Name] = place{ptx.Param, fmt.Sprintf("(uint64_t)out[%d]", i), p.Bytes}
	}
	w.inner()
}

// inner declares the local variables, which share one frame, and the parameters of calls.
func (w *function) inner() {
	extent := 0
	var regions []string
	for _, v := range w.Variables {
		switch v.Space {
		case ptx.Param:
			fmt.Fprintf(&w.text, "    alignas(16) char %s[%d];\n", variableName(v.Name), v.Bytes)
			w.places[v.Name] = place{ptx.Param, "(uint64_t)" + variableName(v.Name), v.Bytes}
		case ptx.Local:
			at := alignUp(extent, max(v.Align, 16))
			regions = append(regions, fmt.Sprintf("{%d, %d}", at, v.Bytes))
			w.places[v.Name] = place{ptx.Local, fmt.Sprintf("frame.low + %d", at), v.Bytes}
			extent = at + v.Bytes + gap
		}
	}
	if extent > 0 {
		fmt.Fprintf(&w.text, "    Locals<%d> frame{%s};\n", extent, strings.Join(regions, ", "))
	}
}

// registers declares the registers. What nobody wrote is all ones, NaN as a float.
func (w *function) registers() {
	byType := map[string][]string{}
	for _, r := range w.Registers {
		name := typeName(r.Type)
		value := " = ~0ull"
		switch {
		case r.Type.Kind == ptx.Float:
			value = fmt.Sprintf(" = from_bits<%s>(~0ull)", name)
		case r.Type.Kind == ptx.Predicate:
			value = " = true"
		}
		byType[name] = append(byType[name], registerName(r.Name)+value)
	}
	var types []string
	for t := range byType {
		types = append(types, t)
	}
	sort.Strings(types)
	for _, t := range types {
		fmt.Fprintf(&w.text, "    %s %s;\n", t, strings.Join(byType[t], ", "))
	}
}

// statement writes a label or an instruction.
func (w *function) statement(s ptx.Statement) error {
	switch s := s.(type) {
	case ptx.Label:
		fmt.Fprintf(&w.text, "%s:;\n", labelName(s.Name))
	case ptx.Instruction:
		code, err := w.instruction(s)
		if err != nil {
			return fmt.Errorf("line %d: %s: %w", s.Line, spelled(s), err)
		}
		if g := s.Guard; g != nil {
			not := ""
			if g.Negated {
				not = "!"
			}
			code = fmt.Sprintf("if (%s%s) { %s }", not, registerName(g.Register), code)
		}
		fmt.Fprintf(&w.text, "    %s\n", code)
	}
	return nil
}

// spelled is an instruction without its operands.
func spelled(i ptx.Instruction) string {
	return strings.Join(append([]string{i.Opcode}, i.Modifiers...), ".")
}
