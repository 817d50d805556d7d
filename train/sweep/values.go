package sweep

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"autoamp/train/config"
)

// maxValues bounds the values of one setting.
const maxValues = 1 << 20

// texts are the values of a setting as they are written: a list, one value, or from:to:step.
func texts(node ast.Node) ([]string, error) {
	switch n := node.(type) {
	case nil, *ast.NullNode:
		return nil, errEmpty
	case *ast.MappingNode, *ast.MappingValueNode:
		return nil, errors.New("must be a list of values, one value, or from:to:step")
	case *ast.StringNode:
		if isRange(n.Value) {
			return steps(n.Value)
		}
	case *ast.SequenceNode:
		if len(n.Values) == 0 {
			return nil, errEmpty
		}
		var out []string
		for _, v := range n.Values {
			if isRange(v.String()) {
				return nil, fmt.Errorf("%s: a range from:to:step stands in the place of a list, not in it", v)
			}
			text, err := config.ValueText(v)
			if err != nil {
				return nil, err
			}
			out = append(out, text)
		}
		return out, nil
	}
	text, err := config.ValueText(node)
	return []string{text}, err
}

// isRange reports a text that is meant as a range: a number before a colon. YAML reads one inside [] as a key with a value.
func isRange(text string) bool {
	from, _, ok := strings.Cut(text, ":")
	_, err := config.ParseFloat(strings.TrimSpace(from))
	return ok && err == nil
}

// steps are the values of from:to:step, to included.
func steps(text string) ([]string, error) {
	var x [3]float64
	parts := strings.Split(text, ":")
	if len(parts) != len(x) {
		return nil, fmt.Errorf("%q: must be from:to:step, such as 0.1:0.9:0.1", text)
	}
	for i, part := range parts {
		var err error
		if x[i], err = config.ParseFloat(strings.TrimSpace(part)); err != nil {
			return nil, fmt.Errorf("%q: must be from:to:step, such as 0.1:0.9:0.1", text)
		}
	}
	from, to, step := x[0], x[1], x[2]
	last := math.Floor((to-from)/step + 1e-9)
	switch {
	case !(step != 0 && last >= 0 && !math.IsInf(last, 0)):
		return nil, fmt.Errorf("%q: the step must lead from %g to %g", text, from, to)
	case last >= maxValues:
		return nil, fmt.Errorf("%q: %g values, at most %d are allowed", text, last+1, maxValues)
	}
	out := make([]string, int(last)+1)
	for i := range out {
		// Twelve digits: 0.1 + 2·0.1 is to be 0.3.
		x, _ := strconv.ParseFloat(strconv.FormatFloat(from+float64(i)*step, 'g', 12, 64), 64)
		out[i] = strconv.FormatFloat(x, 'f', -1, 64)
	}
	return out, nil
}

// seeds reads the section of seeds, or those of the base, and adds them as the last axis. Several p in the base are an axis
// before it.
func (r *reader) seeds(entries []*ast.MappingValueNode) {
	base := &r.file.Base
	if len(base.Data.P) > 1 {
		r.addList(pKey, base.Data.P)
	}
	if base.IsListed() {
		r.fail("%s: replicas: a sweep lists its own; leave it out", baseSection)
	}
	node := find(entries, seedsSection)
	seeds := base.Seeds
	switch {
	case node != nil && len(base.Seeds) > 0:
		r.fail("%s: is given beside %s.seeds: give one of them", seedsSection, baseSection)
		return
	case node != nil:
		seeds = r.seedList(node)
	case len(seeds) == 0:
		seeds = []uint64{1}
	}
	r.addList(seedsKey, seeds)
	base.Seeds = nil
}

// addList adds an axis of values that are read.
func (r *reader) addList(key string, list any) {
	var texts []string
	switch l := list.(type) {
	case []float64:
		for _, x := range l {
			texts = append(texts, strconv.FormatFloat(x, 'g', -1, 64))
		}
	case []uint64:
		for _, n := range l {
			texts = append(texts, strconv.FormatUint(n, 10))
		}
	}
	var values []config.Value
	for _, text := range texts {
		v, err := config.NewValue(train0, key, text)
		if err != nil {
			r.fail("%s", strings.TrimPrefix(err.Error(), "train: "))
			return
		}
		values = append(values, v)
	}
	if len(values) > 0 {
		r.file.Axes = append(r.file.Axes, Axis{[]string{key}, [][]config.Value{values}})
	}
}

// train0 is a configuration in which nothing is set.
var train0 config.Config

// seedList reads seeds: 5 for the seeds 1 to 5, or a list, or from:to:step.
func (r *reader) seedList(node ast.Node) []uint64 {
	if n, ok := node.(*ast.IntegerNode); ok {
		count, err := config.ParseUint(n.GetToken().Value)
		if err != nil || count < 1 || count > maxValues {
			r.fail("%s = %s: must be a number of seeds from 1 to %d, or a list of seeds", seedsSection, n.GetToken().Value, maxValues)
			return nil
		}
		out := make([]uint64, count)
		for i := range out {
			out[i] = uint64(i) + 1
		}
		return out
	}
	texts, err := texts(node)
	if err != nil {
		r.fail("%s: %w", seedsSection, err)
		return nil
	}
	var out []uint64
	for _, text := range texts {
		seed, err := config.ParseUint(text)
		switch {
		case err != nil:
			r.fail("%s: %s: %w", seedsSection, text, err)
			return nil
		case slices.Contains(out, seed):
			r.fail("%s: %d: is listed twice", seedsSection, seed)
			return nil
		}
		out = append(out, seed)
	}
	return out
}
