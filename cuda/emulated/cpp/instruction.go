package cpp

import (
	"fmt"
	"slices"
	"strings"

	"autoamp/cuda/emulated/ptx"
)

// instruction writes one instruction without its guard. Its line counts from that of the kernel: C++ stays the same where only
// other kernels changed.
func (w *function) instruction(i ptx.Instruction) (string, error) {
	i.Line -= w.kernel.function.Line
	if write, ok := specials[i.Opcode]; ok {
		return write(w, i)
	}
	rows, ok := table[i.Opcode]
	if !ok {
		return "", fmt.Errorf("the translation to C++ does not know this instruction")
	}
	m := modifiersOf(i)
	for _, r := range rows {
		if r.fits(m) {
			return w.expression(r, m, i)
		}
	}
	return "", fmt.Errorf("the translation to C++ knows this instruction, but not these modifiers")
}

// modifiers are the words of an instruction and the types behind them.
type modifiers struct {
	words []string
	types []ptx.Type
}

func modifiersOf(i ptx.Instruction) modifiers {
	var m modifiers
	for _, word := range i.Modifiers {
		if t, ok := ptx.ParseType(word); ok {
			m.types = append(m.types, t)
		} else {
			m.words = append(m.words, word)
		}
	}
	return m
}

func (m modifiers) has(word string) bool { return slices.Contains(m.words, word) }

// only reports whether there is no word but those of the lists.
func (m modifiers) only(lists ...string) bool {
	allowed := strings.Fields(strings.Join(lists, " "))
	return !slices.ContainsFunc(m.words, func(word string) bool { return !slices.Contains(allowed, word) })
}

// fits reports whether the row is for these modifiers.
func (r row) fits(m modifiers) bool {
	if len(m.types) != 1 || !r.types.has(m.types[0]) || !m.only(r.needs, r.allows) {
		return false
	}
	return !slices.ContainsFunc(strings.Fields(r.needs), func(word string) bool { return !m.has(word) })
}

// typeOf is the type that a letter of a signature stands for, where the instruction's type is t.
func typeOf(letter byte, t ptx.Type) ptx.Type {
	switch letter {
	case 'U':
		return unsigned(t.Bits)
	case 'W':
		return ptx.Type{Kind: t.Kind, Bits: 2 * t.Bits}
	case 'u':
		return unsigned(32)
	case 'p':
		return predicate
	}
	return t
}

// expression writes an instruction of the table.
func (w *function) expression(r row, m modifiers, i ptx.Instruction) (string, error) {
	t, operands := m.types[0], r.signature[2:]
	if len(i.Operands) != len(operands)+1 {
		return "", fmt.Errorf("%d operands, not %d", len(i.Operands), len(operands)+1)
	}
	flush := m.has("ftz") && t == float32s[0]
	replacements := []string{"$T", typeName(t)}
	for k := range operands {
		v, err := w.value(i.Operands[k+1], typeOf(operands[k], t))
		if err != nil {
			return "", err
		}
		if flush && operands[k] == 'T' {
			v = "flushed(" + v + ")"
		}
		replacements = append(replacements, fmt.Sprintf("$%d", k+1), v)
	}
	code := strings.NewReplacer(replacements...).Replace(r.code)
	if flush && r.signature[0] == 'T' {
		code = "flushed(" + code + ")"
	}
	if m.has("sat") {
		code = "saturated(" + code + ")"
	}
	return assign(i.Operands[0], typeOf(r.signature[0], t), code)
}
