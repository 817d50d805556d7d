package cpp

import (
	"fmt"
	"strconv"
	"strings"

	"autoamp/cuda/emulated/ptx"
)

// spaces are the modifiers that say where a load or store goes.
var spaces = map[string]ptx.Space{
	"global": ptx.Global, "const": ptx.Constant, "shared": ptx.Shared, "shared::cta": ptx.Shared, "local": ptx.Local, "param": ptx.Param,
}

// access is a load or a store.
type access struct {
	space   ptx.Space
	element ptx.Type
	count   int // elements
	write   bool
	line    int
}

// hints are modifiers that say nothing about what is loaded or stored.
const hints = "weak volatile ca cg cs lu cv wb wt nc global const shared shared::cta local param v2 v4 " +
	"L1::evict_normal L1::evict_unchanged L1::evict_first L1::evict_last L1::no_allocate L2::64B L2::128B L2::256B"

func accessOf(i ptx.Instruction) (access, error) {
	m := modifiersOf(i)
	a := access{count: 1, write: i.Opcode == "st", line: i.Line}
	if err := want(i, 2); err != nil {
		return a, err
	}
	if len(m.types) != 1 || !m.only(hints) {
		return a, fmt.Errorf("the translation to C++ knows this instruction, but not these modifiers")
	}
	a.element = m.types[0]
	for _, word := range m.words {
		if s, ok := spaces[word]; ok {
			a.space = s
		}
		if word == "v2" || word == "v4" {
			a.count, _ = strconv.Atoi(word[1:])
		}
	}
	return a, nil
}

// load writes ld.
func (w *function) load(i ptx.Instruction) (string, error) {
	a, err := accessOf(i)
	if err != nil {
		return "", err
	}
	at, err := w.checked(a, i.Operands[1])
	if err != nil {
		return "", err
	}
	code := []string{fmt.Sprintf("const char* const at = %s;", at)}
	for k, r := range elements(i.Operands[0], a.count) {
		line, err := assign(r, a.element, fmt.Sprintf("fetch<%s>(at + %d)", typeName(a.element), k*a.element.Bytes()))
		if err != nil {
			return "", err
		}
		code = append(code, line)
	}
	if len(code) != a.count+1 {
		return "", fmt.Errorf("%d destinations, not %d", len(code)-1, a.count)
	}
	return "{ " + strings.Join(code, " ") + " }", nil
}

// store writes st.
func (w *function) store(i ptx.Instruction) (string, error) {
	a, err := accessOf(i)
	if err != nil {
		return "", err
	}
	at, err := w.checked(a, i.Operands[0])
	if err != nil {
		return "", err
	}
	code := []string{fmt.Sprintf("char* const at = %s;", at)}
	for k, r := range elements(i.Operands[1], a.count) {
		v, err := w.value(r, a.element)
		if err != nil {
			return "", err
		}
		code = append(code, fmt.Sprintf("put<%s>(at + %d, %s);", typeName(a.element), k*a.element.Bytes(), v))
	}
	if len(code) != a.count+1 {
		return "", fmt.Errorf("%d sources, not %d", len(code)-1, a.count)
	}
	return "{ " + strings.Join(code, " ") + " }", nil
}

// elements are the registers of a load or store.
func elements(o ptx.Operand, count int) []ptx.Operand {
	if v, ok := o.(ptx.Vector); ok {
		return v.Elements
	}
	return []ptx.Operand{o}
}

// address writes the address of an operand in brackets, of 64 bits. Shared memory begins at 0.
func (w *function) address(o ptx.Operand) (string, error) {
	a, ok := o.(ptx.Address)
	if !ok {
		return "", fmt.Errorf("an operand that is no address")
	}
	base, offset := "", a.Offset
	switch b := a.Base.(type) {
	case ptx.Reg:
		base = registerValue(b, unsigned(64))
	case ptx.Integer:
		base = integer(b.Value, unsigned(64))
	case ptx.Symbol:
		p, ok := w.places[b.Name]
		if !ok {
			return "", fmt.Errorf("%s is not known", b.Name)
		}
		base, offset = p.address, offset+b.Offset
	}
	if offset == 0 {
		return base, nil
	}
	return fmt.Sprintf("%s + (int64_t)%d", base, offset), nil
}

// checked writes the pointer through which an access goes, after its check.
func (w *function) checked(a access, o ptx.Operand) (string, error) {
	at, err := w.address(o)
	if err != nil {
		return "", err
	}
	bytes := a.element.Bytes() * a.count
	switch a.space {
	case ptx.Param:
		return w.parameter(at, o, bytes)
	case ptx.Shared:
		return fmt.Sprintf("shared<%d, %t>((uint32_t)(%s), %d)", bytes, a.write, at, a.line), nil
	case ptx.Local:
		return fmt.Sprintf("local(%s, %d, %t, %d)", at, bytes, a.write, a.line), nil
	case ptx.Generic:
		return fmt.Sprintf("generic(%s, %d, %t, %d)", at, bytes, a.write, a.line), nil
	}
	return fmt.Sprintf("global<%d, %t>(%s, %d)", bytes, a.write, at, a.line), nil
}

// parameter writes the pointer to a parameter. Its address is a constant: what lies outside of it is found here.
func (w *function) parameter(at string, o ptx.Operand, bytes int) (string, error) {
	a, _ := o.(ptx.Address)
	s, ok := a.Base.(ptx.Symbol)
	if !ok {
		return "(char*)(" + at + ")", nil
	}
	offset := a.Offset + s.Offset
	if p := w.places[s.Name]; offset < 0 || int(offset)+bytes > p.bytes || int(offset)%bytes != 0 {
		return "", fmt.Errorf("%d bytes at %d of parameter %s of %d bytes", bytes, offset, s.Name, p.bytes)
	}
	return "(char*)(" + at + ")", nil
}

// convertAddress writes cvta: only shared memory has addresses of its own.
func (w *function) convertAddress(i ptx.Instruction) (string, error) {
	m := modifiersOf(i)
	if err := want(i, 2); err != nil {
		return "", err
	}
	if len(m.types) != 1 {
		return "", fmt.Errorf("modifiers that are not known")
	}
	v, err := w.value(i.Operands[1], m.types[0])
	if err != nil {
		return "", err
	}
	if m.has("shared") || m.has("shared::cta") {
		sign := "+"
		if m.has("to") {
			sign = "-"
		}
		v = fmt.Sprintf("%s %s shared_window()", v, sign)
	}
	return assign(i.Operands[0], m.types[0], v)
}

// isSpace writes isspacep.
func (w *function) isSpace(i ptx.Instruction) (string, error) {
	m := modifiersOf(i)
	if err := want(i, 2); err != nil {
		return "", err
	}
	v, err := w.value(i.Operands[1], unsigned(64))
	if err != nil {
		return "", err
	}
	code := map[string]string{"shared": "in_shared(%s)", "global": "in_global(%s)", "local": "in_local(%s)"}
	for space, f := range code {
		if m.has(space) {
			return assign(i.Operands[0], predicate, fmt.Sprintf(f, v))
		}
	}
	return "", fmt.Errorf("modifiers that are not known")
}
