package sweep

import (
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
type FileError struct{ Errs []error }

func (e *FileError) Error() string {
	var lines []string
	for _, err := range e.Errs {
		lines = append(lines, err.Error())
	}
	return "sweep: " + strings.Join(lines, "\n  ")
}

// Unwrap returns the errors.
func (e *FileError) Unwrap() []error { return e.Errs }

// Parse reads a file. The error is a *FileError with everything that is wrong in it.
func Parse(text []byte) (*File, error) {
	root, err := config.Document(text)
	if err != nil {
		return nil, &FileError{[]error{err}}
	}
	r := &reader{file: &File{Text: text}}
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
		return nil, &FileError{r.errs}
	}
	return r.file, nil
}

// reader reads a file and collects what is wrong.
type reader struct {
	file *File
	errs []error
}

func (r *reader) fail(format string, args ...any) {
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
	for i := range axis.Keys {
		if n, first := len(axis.Values[i]), len(axis.Values[0]); n != first {
			r.fail("%s: %s has %d values and %s has %d: must be as many", zipSection, axis.Keys[0], first, axis.Keys[i], n)
			return
		}
	}
	if len(axis.Keys) > 0 {
		r.file.Axes = append(r.file.Axes, axis)
	}
}

// values reads the values of a setting.
func (r *reader) values(section string, e *ast.MappingValueNode) (key string, values []config.Value, ok bool) {
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
	before := len(r.errs)
	for i, text := range texts {
		if slices.Contains(texts[:i], text) && section == gridSection {
			r.fail("%s: %s = %s: is listed twice", section, key, text)
			continue
		}
		if strings.HasPrefix(text, "[") {
			r.fail("%s: %s = %s: must be one value for each cell, not a list", section, key, text)
			continue
		}
		v, err := config.NewValue(r.file.Base, key, text)
		if err != nil {
			r.fail("%s: %s", section, strings.TrimPrefix(err.Error(), "train: "))
			continue
		}
		values = append(values, v)
	}
	return key, values, len(r.errs) == before
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
