package cpp

import (
	"fmt"
	"strings"

	"autoamp/cuda/emulated/ptx"
)

// comparisons of numbers. With a u behind them they also hold for a NaN.
var comparisons = map[string]string{
	"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "lo": "<", "ls": "<=", "hi": ">", "hs": ">=",
}

var connectives = map[string]string{"and": "&", "or": "|", "xor": "^"}

// setPredicate writes setp: a comparison, combined with a predicate where the instruction says so, in one or two predicates.
func (w *function) setPredicate(i ptx.Instruction) (string, error) {
	m := modifiersOf(i)
	if len(m.types) != 1 || len(m.words) == 0 {
		return "", fmt.Errorf("modifiers that are not known")
	}
	connective, combined := "", false
	for _, word := range m.words[1:] {
		if c, ok := connectives[word]; ok {
			connective, combined = c, true
		} else if word != "ftz" {
			return "", fmt.Errorf("modifier %s is not known", word)
		}
	}
	operands := 3
	if combined {
		operands = 4
	}
	if err := want(i, operands); err != nil {
		return "", err
	}
	holds, err := w.comparison(m, i)
	if err != nil {
		return "", err
	}
	other := ""
	if combined {
		if other, err = w.value(i.Operands[3], predicate); err != nil {
			return "", err
		}
	}
	return predicates(i.Operands[0], holds, connective, other)
}

// comparison writes the comparison alone.
func (w *function) comparison(m modifiers, i ptx.Instruction) (string, error) {
	t, name := m.types[0], m.words[0]
	a, err := w.value(i.Operands[1], t)
	if err != nil {
		return "", err
	}
	b, err := w.value(i.Operands[2], t)
	if err != nil {
		return "", err
	}
	if m.has("ftz") {
		a, b = "flushed("+a+")", "flushed("+b+")"
	}
	if t.Kind != ptx.Float {
		if c, ok := comparisons[name]; ok {
			return fmt.Sprintf("(%s %s %s)", a, c, b), nil
		}
		return "", fmt.Errorf("comparison %s is not known", name)
	}
	return floatComparison(name, a, b)
}

func floatComparison(name, a, b string) (string, error) {
	switch name {
	case "nan":
		return fmt.Sprintf("unordered(%s, %s)", a, b), nil
	case "num":
		return fmt.Sprintf("!unordered(%s, %s)", a, b), nil
	case "ne":
		return fmt.Sprintf("(%s < %s || %s > %s)", a, b, a, b), nil
	case "neu":
		return fmt.Sprintf("(%s != %s)", a, b), nil
	}
	if c, ok := comparisons[name]; ok {
		return fmt.Sprintf("(%s %s %s)", a, c, b), nil
	}
	if c, ok := comparisons[strings.TrimSuffix(name, "u")]; ok {
		return fmt.Sprintf("(unordered(%s, %s) || %s %s %s)", a, b, a, c, b), nil
	}
	return "", fmt.Errorf("comparison %s is not known", name)
}

// predicates assigns what holds, and to the second destination what does not.
func predicates(to ptx.Operand, holds, connective, other string) (string, error) {
	with := func(c string) string {
		if connective == "" {
			return c
		}
		return fmt.Sprintf("%s %s %s", c, connective, other)
	}
	both, ok := to.(ptx.Both)
	if !ok {
		return assign(to, predicate, with(holds))
	}
	first, err := assign(both.First, predicate, with("holds"))
	if err != nil {
		return "", err
	}
	second, err := assign(both.Second, predicate, with("!holds"))
	return fmt.Sprintf("{ const bool holds = %s; const bool second = %s; %s %s }", holds, with("!holds"), first,
		strings.Replace(second, with("!holds"), "second", 1)), err
}
