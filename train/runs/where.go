package runs

import (
	"fmt"
	"slices"
	"strings"

	"autoamp/train/config"
)

// Condition selects rows by the value of a field.
type Condition struct {
	field    field
	operator string
	text     string
	number   float64
	isNumber bool
}

// operators are those of a condition. One that begins with another stands before it.
var operators = []string{"!=", "<=", ">=", "=", "<", ">"}

// ParseCondition reads FIELD=VALUE, or another operator of !=, <, <=, >, >=. A field is one of Fields, or the dotted name of a
// setting. Numbers are compared by their values, so that p=.40 is p=0.4.
func ParseCondition(text string) (Condition, error) {
	at := strings.IndexAny(text, "!<>=")
	if at <= 0 {
		return Condition{}, fmt.Errorf("where = %q: must be like p=0.4, with one of %s", text, strings.Join(operators, " "))
	}
	i := slices.IndexFunc(operators, func(o string) bool { return strings.HasPrefix(text[at:], o) })
	if i < 0 {
		return Condition{}, fmt.Errorf("where = %q: ! must be !=", text)
	}
	c := Condition{operator: operators[i], text: strings.TrimSpace(text[at+len(operators[i]):])}
	var err error
	if c.field, err = findField(strings.TrimSpace(text[:at])); err != nil {
		return Condition{}, fmt.Errorf("where = %q: %w", text, err)
	}
	c.number, err = config.ParseFloat(c.text)
	c.isNumber = err == nil
	return c, nil
}

// Select returns the rows for which the condition holds. A row without a value of the field is selected by != only.
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
func (c Condition) compare(v any) (order int, comparable bool) {
	if _, number := v.(float64); number {
		return compareValues(v, c.number), c.isNumber
	}
	return compareValues(v, c.text), true
}
