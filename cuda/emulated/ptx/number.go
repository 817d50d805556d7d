package ptx

import (
	"fmt"
	"strconv"
	"strings"
)

// constant returns the operand of a number: 12, 0x1f, 017, 0b11, each with U or without; 0f and 0d with the bits of a real.
func constant(t token) (Operand, error) {
	s := t.text
	if len(s) == 10 && strings.EqualFold(s[:2], "0f") {
		return pattern(t, s[2:], Type{Float, 32})
	}
	if len(s) == 18 && strings.EqualFold(s[:2], "0d") {
		return pattern(t, s[2:], Type{Float, 64})
	}
	v, err := strconv.ParseUint(strings.TrimRight(s, "U"), 0, 64)
	if err != nil || strings.Contains(s, "_") {
		return nil, fmt.Errorf("line %d: %s is no number", t.line, s)
	}
	return Integer{v}, nil
}

func pattern(t token, digits string, as Type) (Operand, error) {
	v, err := strconv.ParseUint(digits, 16, as.Bits)
	if err != nil {
		return nil, fmt.Errorf("line %d: %s is no number", t.line, t.text)
	}
	return Real{v, as}, nil
}

// negate returns −x.
func negate(x Operand) Operand {
	switch x := x.(type) {
	case Integer:
		return Integer{-x.Value}
	case Real:
		return Real{x.Pattern ^ 1<<(x.Type.Bits-1), x.Type}
	}
	return x
}

// bits returns a constant as a value of a type has it in memory.
func bits(x Operand) uint64 {
	switch x := x.(type) {
	case Integer:
		return x.Value
	case Real:
		return x.Pattern
	}
	return 0
}
