package cpp

import (
	"fmt"
	"strings"

	"autoamp/cuda/emulated/ptx"
)

// gap separates variables in shared memory, so that an access beyond one of them is found.
const gap = 64

// kernel is an entry, the functions that it calls, and where its shared variables lie.
type kernel struct {
	module    *ptx.Module
	function  *ptx.Function
	functions []*ptx.Function // the entry last
	shared    map[string]int  // offset by name
	regions   []string        // of the shared variables of a fixed size
	extent    int             // of these
	granule   int             // bytes of the smallest access to memory that threads share
}

func newKernel(m *ptx.Module, f *ptx.Function) (*kernel, error) {
	k := &kernel{module: m, function: f, shared: map[string]int{}, granule: 8}
	used := map[string]bool{}
	if err := k.collect(f, used); err != nil {
		return nil, err
	}
	k.layout(used)
	return k, nil
}

// collect adds a function behind those that it calls, and the symbols that they use.
func (k *kernel) collect(f *ptx.Function, used map[string]bool) error {
	used[f.Name] = true
	for _, s := range f.Body {
		i, ok := s.(ptx.Instruction)
		if !ok {
			continue
		}
		k.measure(i)
		for _, name := range symbols(i.Operands) {
			g := define(k.module, name)
			if g != nil && !g.Defined {
				return fmt.Errorf("line %d: %s has no body", i.Line, name)
			}
			if g != nil && !used[name] {
				if err := k.collect(g, used); err != nil {
					return err
				}
			}
			used[name] = true
		}
	}
	k.functions = append(k.functions, f)
	return nil
}

// define returns the function of a name, the one with a body where it is declared before; nil for what is no function.
func define(m *ptx.Module, name string) *ptx.Function {
	var found *ptx.Function
	for i := range m.Functions {
		if f := &m.Functions[i]; f.Name == name && (found == nil || f.Defined) {
			found = f
		}
	}
	return found
}

// symbols are the names in operands.
func symbols(operands []ptx.Operand) []string {
	var names []string
	for _, o := range operands {
		switch o := o.(type) {
		case ptx.Symbol:
			names = append(names, o.Name)
		case ptx.Address:
			names = append(names, symbols([]ptx.Operand{o.Base})...)
		case ptx.Vector:
			names = append(names, symbols(o.Elements)...)
		}
	}
	return names
}

// measure lets the granule be no larger than an access.
func (k *kernel) measure(i ptx.Instruction) {
	if i.Opcode != "ld" && i.Opcode != "st" || len(i.Modifiers) == 0 || i.Modifiers[0] == "param" || i.Modifiers[0] == "local" {
		return
	}
	if t, ok := ptx.ParseType(i.Modifiers[len(i.Modifiers)-1]); ok {
		k.granule = min(k.granule, t.Bytes())
	}
}

// layout places the shared variables that the kernel uses. Those of an open size come last, all at one place.
func (k *kernel) layout(used map[string]bool) {
	variables := append([]ptx.Variable(nil), k.module.Variables...)
	for _, f := range k.functions {
		for _, v := range f.Variables {
			used[v.Name] = used[v.Name] || v.Space == ptx.Shared
			variables = append(variables, v)
		}
	}
	place := func(open bool) {
		for _, v := range variables {
			if v.Space != ptx.Shared || v.Open != open || !used[v.Name] {
				continue
			}
			at := alignUp(k.extent, max(v.Align, 16))
			k.shared[v.Name] = at
			if !open {
				k.regions = append(k.regions, fmt.Sprintf("{%d, %d}", at, v.Bytes))
				k.extent = at + v.Bytes + gap
			}
		}
	}
	place(false)
	k.extent = alignUp(k.extent, 128)
	place(true)
}

func alignUp(n, to int) int { return (n + to - 1) / to * to }

// entry is what the driver knows of the kernel.
func (k *kernel) entry() string {
	var arguments []string
	for i, at := range offsets(k.function.Parameters) {
		arguments = append(arguments, fmt.Sprintf("{%d, %d}", at, k.function.Parameters[i].Bytes))
	}
	threads := k.function.Threads
	if threads == 0 {
		threads = 1024
	}
	name := k.function.Name
	return fmt.Sprintf("extern const Kernel kernel_%s;\nconst Kernel kernel_%s{%q, %d, %d, {%s}, {%s}, %d, %s};\n",
		name, name, name, threads, k.granule, strings.Join(arguments, ", "), strings.Join(k.regions, ", "), k.extent, functionName(name))
}

// offsets places the arguments of a kernel one behind the other.
func offsets(parameters []ptx.Variable) []int {
	list, at := make([]int, len(parameters)), 0
	for i, p := range parameters {
		list[i] = alignUp(at, max(p.Align, 1))
		at = list[i] + p.Bytes
	}
	return list
}
