package sweep

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"autoamp/train/config"
)

// Condition is a comparison that a combination must satisfy to be a cell, or several, of which one must hold.
type Condition struct {
	Text string
	any  []comparison
}

// comparison compares a setting with a number, a text or another setting.
type comparison struct {
	key, other string // other is empty beside a number or a text
	operator   string
	number     float64
	text       string
	isNumber   bool
}

var comparisonForm = regexp.MustCompile(`^\s*([A-Za-z_][\w.-]*)\s*(!=|<=|>=|==|=|<|>)\s*(\S+)\s*$`)

// where reads a condition, such as "p < 0.5 or rate = 1".
func (r *reader) where(node ast.Node) {
	text, err := config.ValueText(node)
	if err != nil {
		r.fail("%s: %w", whereSection, err)
		return
	}
	c, err := ParseCondition(text)
	if err != nil {
		r.fail("%s: %w", whereSection, err)
		return
	}
	r.file.Where = append(r.file.Where, c)
}

// ParseCondition reads comparisons that are joined by or. A comparison is a setting, one of = != < <= > >=, and a number, a text
// or another setting.
func ParseCondition(text string) (Condition, error) {
	c := Condition{Text: text}
	for _, part := range regexp.MustCompile(`\s+or\s+`).Split(text, -1) {
		m := comparisonForm.FindStringSubmatch(part)
		if m == nil {
			return c, fmt.Errorf("%q: must be comparisons joined by or, such as: p < 0.5 or model.rate = 1", text)
		}
		key, err := Key(m[1])
		if err != nil {
			return c, fmt.Errorf("%q: %w", text, err)
		}
		one := comparison{key: key, operator: strings.Replace(m[2], "==", "=", 1), text: m[3]}
		if x, err := config.ParseFloat(m[3]); err == nil {
			one.number, one.isNumber = x, true
		} else if other, err := Key(m[3]); err == nil {
			one.other = other
		} else if one.operator != "=" && one.operator != "!=" {
			return c, fmt.Errorf("%q: %s needs a number or a setting, not %s", text, one.operator, m[3])
		}
		c.any = append(c.any, one)
	}
	return c, nil
}

// Holds evaluates the condition. get returns the value of a setting.
func (c Condition) Holds(get func(key string) any) bool {
	for _, one := range c.any {
		if one.holds(get) {
			return true
		}
	}
	return false
}

func (c comparison) holds(get func(key string) any) bool {
	left, right := get(c.key), any(c.text)
	switch {
	case c.other != "":
		right = get(c.other)
	case c.isNumber:
		right = c.number
	}
	x, isX := number(left)
	y, isY := number(right)
	if !isX || !isY {
		same := fmt.Sprint(left) == fmt.Sprint(right)
		return c.operator == "=" && same || c.operator == "!=" && !same
	}
	switch c.operator {
	case "=":
		return x == y
	case "!=":
		return x != y
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	}
	return x >= y
}

// number is a value of a setting as a number.
func number(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	case uint64:
		return float64(n), true
	}
	return 0, false
}
