package cpp

import (
	"fmt"

	"autoamp/cuda/emulated/ptx"
)

// roundings of a float to a whole number.
var roundings = map[string]string{"rni": "to_nearest", "rzi": "toward_zero", "rmi": "down", "rpi": "up"}

// convert writes cvt.
func (w *function) convert(i ptx.Instruction) (string, error) {
	m := modifiersOf(i)
	if len(m.types) != 2 || !m.only("rn rni rzi rmi rpi ftz sat") {
		return "", fmt.Errorf("the translation to C++ knows this instruction, but not these modifiers")
	}
	to, from := m.types[0], m.types[1]
	if to.Kind == ptx.Brain || from.Kind == ptx.Brain {
		return w.convertBrain(i, to, from)
	}
	if err := want(i, 2); err != nil {
		return "", err
	}
	v, err := w.value(i.Operands[1], from)
	if err != nil {
		return "", err
	}
	if m.has("ftz") && from == float32s[0] {
		v = "flushed(" + v + ")"
	}
	code, err := converted(m, to, from, v)
	if err != nil {
		return "", err
	}
	if m.has("ftz") && to == float32s[0] {
		code = "flushed(" + code + ")"
	}
	return assign(i.Operands[0], to, code)
}

// converted writes a value of one type as one of another.
func converted(m modifiers, to, from ptx.Type, v string) (string, error) {
	whole := ""
	for name, f := range roundings {
		if m.has(name) {
			whole = f
		}
	}
	c := typeName(to)
	switch {
	case from.Kind == ptx.Float && to.Kind == ptx.Float && whole != "":
		v = fmt.Sprintf("(%s)%s(%s)", c, whole, v)
	case from.Kind == ptx.Float && to.Kind == ptx.Float && to.Bits < from.Bits && !m.has("rn"):
		return "", fmt.Errorf("a narrower float without .rn")
	case from.Kind == ptx.Float && to.Kind != ptx.Float && whole == "":
		return "", fmt.Errorf("an integer of a float without a rounding")
	case from.Kind == ptx.Float && to.Kind != ptx.Float: // saturates in any case
		return fmt.Sprintf("to_integer<%s>(%s(%s))", c, whole, v), nil
	case from.Kind != ptx.Float && to.Kind == ptx.Float && !m.has("rn"):
		return "", fmt.Errorf("a float of an integer without .rn")
	case from.Kind != ptx.Float && to.Kind != ptx.Float && m.has("sat"):
		return fmt.Sprintf("clamped<%s>(%s)", c, v), nil
	default:
		v = fmt.Sprintf("(%s)%s", c, v)
	}
	if m.has("sat") {
		v = "saturated(" + v + ")"
	}
	return v, nil
}

// convertBrain writes conversions from and to bf16, one or two at a time.
func (w *function) convertBrain(i ptx.Instruction, to, from ptx.Type) (string, error) {
	if len(i.Operands) < 2 {
		return "", want(i, 2)
	}
	single := float32s[0]
	var values []string
	for _, o := range i.Operands[1:] {
		t := from
		if from.Kind == ptx.Brain {
			t = unsigned(from.Bits)
		}
		v, err := w.value(o, t)
		if err != nil {
			return "", err
		}
		values = append(values, v)
	}
	switch {
	case to.Bits == 16 && from == single && len(values) == 1:
		return assign(i.Operands[0], unsigned(16), fmt.Sprintf("to_bf16(%s)", values[0]))
	case to.Bits == 32 && from == single && len(values) == 2:
		return assign(i.Operands[0], unsigned(32), fmt.Sprintf("(uint32_t)to_bf16(%s) << 16 | to_bf16(%s)", values[0], values[1]))
	case to == single && from.Bits == 16 && len(values) == 1:
		return assign(i.Operands[0], to, fmt.Sprintf("from_bits<float>((uint32_t)%s << 16)", values[0]))
	}
	return "", fmt.Errorf("the translation to C++ knows this instruction, but not between these types")
}
