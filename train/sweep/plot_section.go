package sweep

import (
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"autoamp/train/config"
)

// Plot is a figure of the results: y against the setting X, a series for every value of the setting Series. Seeds are
// averaged. If other settings vary, every combination of them is a series too.
type Plot struct {
	X, Series string // keys of settings; Series may be empty
	Y         string // a column of results
}

// plotted are the columns that a figure may show.
var plotted = []string{TestMSEColumn, GapColumn, TrainMSEColumn}

// plot reads a figure.
func (r *reader) plot(node ast.Node) {
	p := Plot{Y: TestMSEColumn}
	before := len(r.errs)
	for _, e := range r.entries(plotSection, node) {
		r.plotted(&p, e)
	}
	if p.X == "" && len(r.errs) == before {
		r.fail("%s: x must be a setting, such as x: rate", plotSection)
	}
	if len(r.errs) == before {
		r.file.Plots = append(r.file.Plots, p)
	}
}

// plotted reads what one key says about a figure.
func (r *reader) plotted(p *Plot, e *ast.MappingValueNode) {
	key := e.Key.String()
	text, err := config.ValueText(e.Value)
	if err != nil {
		r.fail("%s: %s: %w", plotSection, key, err)
		return
	}
	keys := []string{"x", "series", "y"}
	switch key {
	case "x":
		p.X = r.plotSetting(key, text)
	case "series":
		p.Series = r.plotSetting(key, text)
	case "y":
		p.Y = text
		if !slices.Contains(plotted, text) {
			r.fail("%s: y = %s: must be one of %s%s", plotSection, text, strings.Join(plotted, ", "), perhaps(text, plotted))
		}
	default:
		r.fail("%s: %s: must be one of %s%s", plotSection, key, strings.Join(keys, ", "), perhaps(key, keys))
	}
}

// plotSetting is the setting that x or series names.
func (r *reader) plotSetting(of, name string) string {
	key, err := Key(name)
	switch {
	case strings.HasPrefix(name, "["):
		r.fail("%s: %s = %s: must be one setting; others that vary are told apart as well", plotSection, of, name)
	case err != nil:
		r.fail("%s: %s: %w", plotSection, of, err)
	case key == seedsKey:
		r.fail("%s: %s = %s: must be another setting: seeds are averaged", plotSection, of, name)
	case of == "x" && !isNumber(key):
		r.fail("%s: x = %s: must be a setting whose values are numbers; series may be others", plotSection, name)
	}
	return key
}

// isNumber reports whether the values of a setting are numbers.
func isNumber(key string) bool {
	s, ok := config.Find(key)
	if !ok {
		return false
	}
	t := s.Type()
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t.Kind() != reflect.String && t.Kind() != reflect.Bool
}
