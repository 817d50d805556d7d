package runs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"autoamp/train/config"
)

// Condition selects rows by the values of fields: comparisons joined by and, or several such, of which one must hold.
type Condition struct {
	any [][]comparison
}

// comparison compares a field with a value.
type comparison struct {
	field    field
	operator string
	text     string
	number   float64
	isNumber bool
}

// operators are those of a comparison. One that begins with another stands before it.
var operators = []string{"!=", "<=", ">=", "=", "<", ">"}

var (
	orWord  = regexp.MustCompile(`\s+or(\s+|$)`)
	andWord = regexp.MustCompile(`\s+and(\s+|$)`)
)

// ParseCondition reads comparisons that are joined by and and or; and binds more tightly. A comparison is FIELD=VALUE, or another
// operator of !=, <, <=, >, >=. A field is one of Fields, or the dotted name of a setting. Numbers are compared by their values, so
// that p=.40 is p=0.4.
func ParseCondition(text string) (Condition, error) {
	var c Condition
	for _, part := range orWord.Split(text, -1) {
		var all []comparison
		for _, of := range andWord.Split(part, -1) {
			one, err := parseComparison(of)
			if err != nil {
				return Condition{}, fmt.Errorf("where = %q: %w", text, err)
			}
			all = append(all, one)
		}
		c.any = append(c.any, all)
	}
	return c, nil
}

func parseComparison(text string) (c comparison, err error) {
	at := strings.IndexAny(text, "!<>=")
	if at <= 0 {
		return c, fmt.Errorf("must be like p=0.4, with one of %s", strings.Join(operators, " "))
	}
	i := slices.IndexFunc(operators, func(o string) bool { return strings.HasPrefix(text[at:], o) })
	if i < 0 {
		return c, errors.New("! must be !=")
	}
	c.operator, c.text = operators[i], strings.TrimSpace(text[at+len(operators[i]):])
	if c.field, err = findField(strings.TrimSpace(text[:at])); err != nil {
		return c, err
	}
	c.number, err = config.ParseFloat(c.text)
	c.isNumber = err == nil
	return c, nil
}

// Select returns the rows for which the condition holds. A row without a value of a field is selected by != only.
func (c Condition) Select(rows []Row) []Row {
	selected := []Row{}
	for _, r := range rows {
		if c.holds(&r) {
			selected = append(selected, r)
		}
	}
	return selected
}

func (c Condition) holds(r *Row) bool {
	return slices.ContainsFunc(c.any, func(all []comparison) bool {
		return !slices.ContainsFunc(all, func(one comparison) bool { return !one.holds(r) })
	})
}

func (c comparison) holds(r *Row) bool {
	v := c.field.value(r)
	if v == nil {
		return c.operator == "!="
	}
	order, comparable := c.compare(v)
	switch c.operator {
	case "=":
		return comparable && order == 0
	case "!=":
		return !comparable || order != 0
	case "<":
		return comparable && order < 0
	case "<=":
		return comparable && order <= 0
	case ">":
		return comparable && order > 0
	}
	return comparable && order >= 0
}

// compare orders a value of a row and the condition's. A number and a text cannot be compared.
func (c comparison) compare(v any) (order int, comparable bool) {
	if _, number := v.(float64); number {
		return compareValues(v, c.number), c.isNumber
	}
	return compareValues(v, c.text), true
}
