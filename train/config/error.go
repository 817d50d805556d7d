package config

import "fmt"

// Error names a field of a Config, its value, and the allowed values.
type Error struct {
	Field   string // dotted, as in config.yaml
	Value   any
	Allowed string // a predicate: "must be positive"
}

func (e *Error) Error() string {
	if s, ok := e.Value.(string); ok {
		return fmt.Sprintf("train: %s = %q: %s", e.Field, s, e.Allowed)
	}
	return fmt.Sprintf("train: %s = %v: %s", e.Field, e.Value, e.Allowed)
}
