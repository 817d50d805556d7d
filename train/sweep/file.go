package sweep

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"autoamp/train"
	"autoamp/train/config"
)

// File is a sweep: a configuration, and the settings that vary.
type File struct {
	Base train.Config // without defaults
	// Axes vary in the order of the file, the first one slowest. Seeds come last.
	Axes  []Axis
	Where []Condition // a combination is a cell if all hold
	Plots []Plot
	Text  []byte // of the file
}

// Axis is settings that vary together: one of grid, or those of a zip.
type Axis struct {
	Keys []string
	// Values holds the values of each key, all lists of the same length.
	Values [][]config.Value
}

// Len is the number of values.
func (a Axis) Len() int { return len(a.Values[0]) }

// The sections of a file.
const (
	baseSection  = "base"
	gridSection  = "grid"
	zipSection   = "zip"
	seedsSection = "seeds"
	whereSection = "where"
	plotSection  = "plot"
)

var sections = []string{baseSection, gridSection, zipSection, seedsSection, whereSection, plotSection}

// FileError is what is wrong with a file: all of it.
type FileError struct {
	Errs []error
	rest *File // without the values that are wrong; nil where more than values is wrong
}

func (e *FileError) Error() string {
	var lines []string
	for _, err := range e.Errs {
		lines = append(lines, strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	return "sweep: " + strings.Join(lines, "\n  ")
}

// Unwrap returns the errors.
func (e *FileError) Unwrap() []error { return e.Errs }

// Load reads a file and lists its cells, at most most of them; 0 means MaxCells. The error is a *FileError with everything that is
// wrong, in the file and in its cells.
func Load(text []byte, most int) (*Grid, error) {
	f, err := Parse(text)
	if err == nil {
		return f.Expand(most)
	}
	wrong := (*FileError)(nil)
	if errors.As(err, &wrong) && wrong.rest != nil {
		if e, err := wrong.rest.expand(cmp.Or(most, MaxCells)); err == nil {
			wrong.Errs = append(wrong.Errs, e.check()...)
		}
	}
	return nil, err
}

// Parse reads a file. The error is a *FileError with everything that is wrong in it.
func Parse(text []byte) (*File, error) {
	root, err := config.Document(text)
	if err != nil {
		return nil, &FileError{Errs: []error{err}}
	}
	if root == nil {
		return nil, &FileError{Errs: []error{fmt.Errorf("the file is empty: name settings with lists of values, such as %s: {model.rate: [0.5, 1]}", gridSection)}}
	}
	r := &reader{file: &File{Text: text}, onlyValues: true}
	entries := r.entries("the file", root)
	for _, e := range entries {
		if key := e.Key.String(); !slices.Contains(sections, key) {
			r.fail("%s: is no section of a sweep; the sections are %s%s", key, strings.Join(sections, ", "), perhaps(key, sections))
		}
	}
	r.base(entries)
	for _, e := range entries {
		r.section(e)
	}
	r.seeds(entries)
	r.distinct()
	if len(r.errs) > 0 {
		wrong := &FileError{Errs: r.errs}
		if r.onlyValues {
			wrong.rest = r.file
		}
		return nil, wrong
	}
	return r.file, nil
}

// reader reads a file and collects what is wrong.
type reader struct {
	file *File
	errs []error
	// onlyValues says that nothing is wrong but values of settings in grid, so that the cells without them can be judged.
	onlyValues bool
}

func (r *reader) fail(format string, args ...any) {
	r.failValue(format, args...)
	r.onlyValues = false
}

// failValue is fail for a value in grid that is left out of the file's.
func (r *reader) failValue(format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf(format, args...))
}

// entries are the entries of a mapping in their order.
func (r *reader) entries(what string, node ast.Node) []*ast.MappingValueNode {
	switch n := node.(type) {
	case nil, *ast.NullNode:
		return nil
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	r.fail("%s: must be keys with values, such as %s", what, "model.dim: [50, 100]")
	return nil
}

// find returns the value of a section, nil if it is not there.
func find(entries []*ast.MappingValueNode, key string) ast.Node {
	for _, e := range entries {
		if e.Key.String() == key {
			return e.Value
		}
	}
	return nil
}

// base reads the configuration that everything else varies.
func (r *reader) base(entries []*ast.MappingValueNode) {
	node := find(entries, baseSection)
	if _, empty := node.(*ast.NullNode); node == nil || empty {
		return
	}
	c, err := config.FromNode(node, r.file.Text)
	if err != nil {
		r.fail("%s: %w", baseSection, err)
	}
	r.file.Base = c
}

// section reads one section but base and seeds, which others depend on or are the last.
func (r *reader) section(e *ast.MappingValueNode) {
	switch e.Key.String() {
	case gridSection:
		r.grid(e.Value)
	case zipSection:
		for _, node := range list(e.Value) {
			r.zip(node)
		}
	case whereSection:
		for _, node := range list(e.Value) {
			r.where(node)
		}
	case plotSection:
		for _, node := range list(e.Value) {
			r.plot(node)
		}
	}
}

// list is the elements of a list, or the node alone.
func list(node ast.Node) []ast.Node {
	if n, ok := node.(*ast.SequenceNode); ok {
		return n.Values
	}
	return []ast.Node{node}
}

// grid reads the settings of which every combination is a cell.
func (r *reader) grid(node ast.Node) {
	entries := r.entries(gridSection, node)
	if len(entries) == 0 {
		r.fail("%s: is empty: name settings with lists of values, such as model.rate: [0.5, 1]", gridSection)
	}
	for _, e := range entries {
		if key, values, ok := r.values(gridSection, e); ok {
			r.file.Axes = append(r.file.Axes, Axis{[]string{key}, [][]config.Value{values}})
		}
	}
}

// zip reads settings that vary together.
func (r *reader) zip(node ast.Node) {
	entries := r.entries(zipSection, node)
	if len(entries) == 0 {
		r.fail("%s: is empty: name settings with lists of one length", zipSection)
		return
	}
	var axis Axis
	for _, e := range entries {
		if key, values, ok := r.values(zipSection, e); ok {
			axis.Keys, axis.Values = append(axis.Keys, key), append(axis.Values, values)
		}
	}
	if len(axis.Keys) == 0 {
		return
	}
	var lengths []string
	uneven := false
	for i, key := range axis.Keys {
		lengths = append(lengths, fmt.Sprintf("%s has %d", key, len(axis.Values[i])))
		uneven = uneven || len(axis.Values[i]) != axis.Len()
	}
	if uneven {
		r.fail("%s: %s: all must have as many values", zipSection, strings.Join(lengths, ", "))
		return
	}
	for j := range axis.Len() {
		if i := axis.first(j); i < j {
			r.fail("%s: the values %d and %d of %s are the same", zipSection, i+1, j+1, strings.Join(axis.Keys, ", "))
		}
	}
	r.file.Axes = append(r.file.Axes, axis)
}

// first is the first of the axis's values that is the same as the j-th.
func (a Axis) first(j int) int {
	for i := range j {
		if !slices.ContainsFunc(a.Values, func(of []config.Value) bool { return !of[i].Equal(of[j]) }) {
			return i
		}
	}
	return j
}

// values reads the values of a setting. Those that are wrong are left out.
func (r *reader) values(section string, e *ast.MappingValueNode) (key string, values []config.Value, ok bool) {
	if inner, nested := r.nested(section, e); nested {
		r.fail("%s: %s: write its settings with dots, such as %s", section, e.Key, inner)
		return "", nil, false
	}
	key, err := Key(e.Key.String())
	if err != nil {
		r.fail("%s: %w", section, err)
		return "", nil, false
	}
	if key == seedsKey || strings.HasPrefix(key, "replicas.") {
		r.fail("%s: %s: goes into the section %s: a number of seeds, or a list", section, key, seedsSection)
		return "", nil, false
	}
	texts, err := texts(e.Value)
	if err != nil {
		r.fail("%s: %s: %w", section, key, err)
		return "", nil, false
	}
	fail := r.fail
	if section == gridSection {
		fail = r.failValue
	}
	before := len(r.errs)
	for _, text := range texts {
		v, err := r.value(key, text)
		switch {
		case err != nil:
			fail("%s: %w", section, err)
		case section == gridSection && slices.ContainsFunc(values, v.Equal):
			fail("%s: %s = %s: is listed twice", section, key, text)
		default:
			values = append(values, v)
		}
	}
	return key, values, len(values) > 0 && (section == gridSection || len(r.errs) == before)
}

// value reads one value of a setting.
func (r *reader) value(key, text string) (config.Value, error) {
	if strings.HasPrefix(text, "[") {
		return config.Value{}, fmt.Errorf("%s = %s: must be one value for each cell, not a list", key, text)
	}
	v, err := config.NewValue(r.file.Base, key, text)
	if err != nil {
		return v, errors.New(strings.TrimPrefix(err.Error(), "train: "))
	}
	return v, nil
}

// nested reports settings in a mapping below their section, and returns how the first of them is written.
func (r *reader) nested(section string, e *ast.MappingValueNode) (text string, is bool) {
	switch e.Value.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		return "", false
	}
	inner := r.entries(section, e.Value)
	if len(inner) == 0 {
		return "", false
	}
	return fmt.Sprintf("%s.%s: %s", e.Key, inner[0].Key, strings.TrimSpace(inner[0].Value.String())), true
}

// distinct refuses a setting that two axes vary.
func (r *reader) distinct() {
	var seen []string
	for _, a := range r.file.Axes {
		for _, key := range a.Keys {
			if slices.Contains(seen, key) {
				r.fail("%s: varies twice: name it once in %s or %s", key, gridSection, zipSection)
			}
			seen = append(seen, key)
		}
	}
}

// perhaps names the nearest of some words, if one is near.
func perhaps(word string, words []string) string {
	for _, w := range words {
		if config.Distance(word, w) <= 2 {
			return "; did you mean " + w + "?"
		}
	}
	return ""
}

var errEmpty = errors.New("is empty: give values, or leave it out")
