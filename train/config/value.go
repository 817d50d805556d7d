package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Document parses one YAML document within the bounds of a configuration; nil if it is empty. Errors name line and column.
func Document(text []byte) (ast.Node, error) { return document(text) }

// FromNode reads a Config from a part of a document, as Parse does. text is the document, for messages. Of unknown keys the error
// names all.
func FromNode(node ast.Node, text []byte) (Config, error) {
	var unknown []error
	for _, key := range keysOf("", node) {
		if err := Known(key); err != nil {
			unknown = append(unknown, err)
		}
	}
	if len(unknown) > 0 {
		return Config{}, errors.Join(unknown...)
	}
	var c Config
	if err := c.mergeNode(node, text); err != nil {
		return Config{}, err
	}
	return c, nil
}

// keysOf lists the dotted keys of a document.
func keysOf(prefix string, node ast.Node) []string {
	switch n := node.(type) {
	case *ast.MappingNode:
		var out []string
		for _, entry := range n.Values {
			out = append(out, keysOf(prefix, entry)...)
		}
		return out
	case *ast.MappingValueNode:
		key := strings.TrimPrefix(prefix+"."+n.Key.String(), ".")
		if inner := keysOf(key, n.Value); len(inner) > 0 {
			return inner
		}
		return []string{key}
	}
	return nil
}

// Known returns nil for a key that is a setting's, and else an error that names the nearest keys.
func Known(key string) error {
	if _, ok := places()[key]; ok {
		return nil
	}
	var sections []string
	for of := range places() {
		if strings.HasPrefix(of, key+".") {
			sections = append(sections, of)
		}
	}
	if len(sections) > 0 {
		slices.Sort(sections)
		return fmt.Errorf("%s: is a section: name one of its settings, such as %s", key, sections[0])
	}
	return fmt.Errorf("%s: is no setting; %s", key, near(key))
}

// near names the settings whose keys, or flags without dashes, are nearest to a mistyped key.
func near(key string) string {
	type distant struct {
		key      string
		distance int
	}
	var all []distant
	for known := range places() {
		all = append(all, distant{known, far(key, known)})
	}
	slices.SortFunc(all, func(a, b distant) int {
		if a.distance != b.distance {
			return a.distance - b.distance
		}
		return strings.Compare(a.key, b.key)
	})
	var names []string
	for _, a := range all[:3] {
		if a.distance <= min(all[0].distance+1, max(2, len(last(key))/3)) {
			names = append(names, a.key)
		}
	}
	if len(names) == 0 {
		return "autoamp train --help lists them"
	}
	return "near to it: " + strings.Join(names, ", ")
}

// far is the distance of a word to a key: to all of it, to its last part, and of the word's last part to the key's flag.
func far(word, key string) int {
	d := min(Distance(word, key), Distance(word, last(key)))
	if s, ok := Find(key); ok && s.Flag.Name != "" {
		d = min(d, Distance(last(word), s.Flag.Name))
	}
	return d
}

// last is the part of a key behind the last dot.
func last(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// Distance is the Levenshtein distance of two words: how many letters to insert, delete or replace.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Value is a value of a setting, read once and set in many configurations.
type Value struct {
	Key  string
	Text string // as it was written
	to   reflect.Value
}

// NewValue reads the value of a setting as an override of base. One value of a list, such as data.p, is a list of it.
func NewValue(base Config, key, text string) (Value, error) {
	if err := Known(key); err != nil {
		return Value{}, err
	}
	written := text
	if of := base.of(key); of.Kind() == reflect.Slice && !strings.HasPrefix(strings.TrimSpace(text), "[") {
		written = "[" + text + "]"
	}
	c := base
	c.of(key).SetZero() // what the base has there may not apply with the value
	keys := strings.Split(key, ".")
	tree, err := valueFor(keys, written)
	if err == nil {
		err = c.assign(keys, tree)
	}
	if config := (*Error)(nil); errors.As(err, &config) {
		return Value{}, config
	}
	if err != nil {
		return Value{}, fmt.Errorf("%s = %s: %s", key, shortened(text), firstLine(err))
	}
	return Value{Key: key, Text: text, to: c.of(key)}, nil
}

// Equal reports whether two values of one setting are the same, however they were written.
func (v Value) Equal(other Value) bool {
	return v.Key == other.Key && reflect.DeepEqual(v.to.Interface(), other.to.Interface())
}

// Set sets the value.
func (v Value) Set(c *Config) { c.of(v.Key).Set(v.to) }

// Get returns the value of a setting of a resolved configuration, as it stands in tables: the only element of a list of one.
func (c Config) Get(key string) any {
	v := c.of(key)
	switch {
	case v.Kind() == reflect.Slice && v.Len() == 1:
		return v.Index(0).Interface()
	case v.Kind() == reflect.Pointer && v.IsNil():
		return nil
	case v.Kind() == reflect.Pointer:
		return v.Elem().Interface()
	}
	return v.Interface()
}

// ValueText is the text of a part of a document, for NewValue.
func ValueText(node ast.Node) (string, error) {
	if s, ok := node.(*ast.StringNode); ok {
		return s.Value, nil
	}
	var tree any
	if err := yaml.NodeToValue(node, &tree); err != nil {
		return "", err
	}
	return strings.TrimSpace(node.String()), nil
}
