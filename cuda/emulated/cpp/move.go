package cpp

import (
	"fmt"
	"strings"

	"autoamp/cuda/emulated/ptx"
)

// move writes mov, which also packs registers into a wider one and unpacks them.
func (w *function) move(i ptx.Instruction) (string, error) {
	m := modifiersOf(i)
	if err := want(i, 2); err != nil {
		return "", err
	}
	if len(m.types) != 1 || len(m.words) != 0 {
		return "", fmt.Errorf("modifiers that are not known")
	}
	t := m.types[0]
	if to, ok := i.Operands[0].(ptx.Vector); ok && len(to.Elements) > 0 {
		return w.unpack(to, i.Operands[1], t)
	}
	if from, ok := i.Operands[1].(ptx.Vector); ok && len(from.Elements) > 0 {
		return w.pack(i.Operands[0], from, t)
	}
	v, err := w.value(i.Operands[1], t)
	if err != nil {
		return "", err
	}
	return assign(i.Operands[0], t, v)
}

func (w *function) unpack(to ptx.Vector, from ptx.Operand, t ptx.Type) (string, error) {
	v, err := w.value(from, unsigned(t.Bits))
	if err != nil {
		return "", err
	}
	part := unsigned(t.Bits / len(to.Elements))
	code := []string{fmt.Sprintf("const uint64_t whole = %s;", v)}
	for k, r := range to.Elements {
		line, err := assign(r, part, fmt.Sprintf("(%s)(whole >> %d)", typeName(part), k*part.Bits))
		if err != nil {
			return "", err
		}
		code = append(code, line)
	}
	return "{ " + strings.Join(code, " ") + " }", nil
}

func (w *function) pack(to ptx.Operand, from ptx.Vector, t ptx.Type) (string, error) {
	part := unsigned(t.Bits / len(from.Elements))
	var parts []string
	for k, r := range from.Elements {
		v, err := w.value(r, part)
		if err != nil {
			return "", err
		}
		parts = append(parts, fmt.Sprintf("(uint64_t)%s << %d", v, k*part.Bits))
	}
	whole := unsigned(t.Bits)
	return assign(to, whole, fmt.Sprintf("(%s)(%s)", typeName(whole), strings.Join(parts, " | ")))
}
