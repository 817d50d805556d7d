package sweep

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"autoamp/train/config"
)

// Condition is what a combination must satisfy to be a cell: comparisons joined by and, or several such, of which one must hold.
type Condition struct {
	Text string
	any  [][]comparison
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

var (
	orWord  = regexp.MustCompile(`\s+or\s+`)
	andWord = regexp.MustCompile(`\s+and\s+`)
)

// ParseCondition reads comparisons that are joined by and and or; and binds more tightly. A comparison is a setting, one of
// = != < <= > >=, and a number, a text or another setting.
func ParseCondition(text string) (Condition, error) {
	c := Condition{Text: text}
	for _, part := range orWord.Split(text, -1) {
		var all []comparison
		for _, of := range andWord.Split(part, -1) {
			one, err := parseComparison(of)
			if err != nil {
				return c, fmt.Errorf("%q: %w", text, err)
			}
			all = append(all, one)
		}
		c.any = append(c.any, all)
	}
	return c, nil
}

func parseComparison(text string) (comparison, error) {
	m := comparisonForm.FindStringSubmatch(text)
	if m == nil {
		return comparison{}, errors.New("must be comparisons joined by and and or, such as: p < 0.5 or model.rate = 1")
	}
	key, err := Key(m[1])
	if err != nil {
		return comparison{}, err
	}
	one := comparison{key: key, operator: strings.Replace(m[2], "==", "=", 1), text: m[3]}
	if x, err := config.ParseFloat(m[3]); err == nil {
		one.number, one.isNumber = x, true
	} else if other, err := Key(m[3]); err == nil {
		one.other = other
	} else if one.operator != "=" && one.operator != "!=" {
		return comparison{}, fmt.Errorf("%s needs a number or a setting: %w", one.operator, err)
	}
	return one, nil
}

// Holds evaluates the condition. get returns the value of a setting.
func (c Condition) Holds(get func(key string) any) bool {
	return slices.ContainsFunc(c.any, func(all []comparison) bool {
		return !slices.ContainsFunc(all, func(one comparison) bool { return !one.holds(get) })
	})
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
