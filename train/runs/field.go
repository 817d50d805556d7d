package runs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"autoamp/train/config"
)

// field is a column to select and to sort by. Its value is a float64, a string, or nil where the row has none.
type field struct {
	name  string
	value func(r *Row) any
}

// fields are the columns, by their names in JSON.
var fields = []field{
	{"dir", func(r *Row) any { return r.Dir }},
	{"kind", func(r *Row) any { return string(r.Kind) }},
	{"state", func(r *Row) any { return string(r.State) }},
	{"model", func(r *Row) any { return r.Model }},
	{"data", func(r *Row) any { return r.Data }},
	{"p", func(r *Row) any { return known(r.P) }},
	{"d", func(r *Row) any { return float64(r.D) }},
	{"rate", func(r *Row) any { return r.Rate }},
	{"seeds", func(r *Row) any { return float64(r.Seeds) }},
	{"test_mse", func(r *Row) any { return known(r.TestMSE) }},
	{"test_mse_stderr", func(r *Row) any { return known(r.TestMSEStderr) }},
	{"candidate", func(r *Row) any { return r.Candidate }},
	{"limit", func(r *Row) any { return known(r.Limit) }},
	{"finite_d", func(r *Row) any { return known(r.FiniteD) }},
	{"gap", func(r *Row) any { return known(r.Gap) }},
	{"step", func(r *Row) any { return float64(r.Step) }},
	{"steps", func(r *Row) any { return float64(r.Steps) }},
	{"age_s", func(r *Row) any { return r.AgeS }},
}

// known is a number, or nil.
func known(x *float64) any {
	if x == nil {
		return nil
	}
	return *x
}

// Fields lists the names of the columns.
func Fields() []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return names
}

// findField returns the column of a name, or the setting with a dotted name, such as optimizer.learning_rate.
func findField(name string) (field, error) {
	for _, f := range fields {
		if f.name == name {
			return f, nil
		}
	}
	if s, ok := config.Find(name); ok && strings.Contains(name, ".") {
		return field{name, func(r *Row) any { return setting(r.settings, s.Key) }}, nil
	}
	return field{}, fmt.Errorf("no field %q: there are %s, and settings by their dotted names, such as optimizer.learning_rate",
		name, strings.Join(Fields(), ", "))
}

// setting is the value of a setting, a number where it reads as one, or nil where it does not apply.
func setting(settings map[string]string, key string) any {
	text, ok := settings[key]
	if !ok {
		return nil
	}
	if x, err := config.ParseFloat(text); err == nil {
		return x
	}
	return text
}

// Sort sorts rows by a field, descending where its name begins with a minus. Rows without a value are last. Equal rows keep their
// order.
func Sort(rows []Row, by string) error {
	name, descending := strings.CutPrefix(by, "-")
	f, err := findField(name)
	if err != nil {
		return fmt.Errorf("sort = %q: %w", by, err)
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		x, y := f.value(&a), f.value(&b)
		if x == nil || y == nil {
			return cmp.Compare(missing(x), missing(y))
		}
		if descending {
			x, y = y, x
		}
		return compareValues(x, y)
	})
	return nil
}

func missing(v any) int {
	if v == nil {
		return 1
	}
	return 0
}

// compareValues orders numbers by size, texts by their letters, and numbers before texts.
func compareValues(x, y any) int {
	a, aNumber := x.(float64)
	b, bNumber := y.(float64)
	switch {
	case aNumber && bNumber:
		return cmp.Compare(a, b)
	case aNumber:
		return -1
	case bNumber:
		return 1
	}
	return strings.Compare(fmt.Sprint(x), fmt.Sprint(y))
}
