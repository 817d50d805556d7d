package sweep

import (
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
	keys := []string{"x", "series", "y"}
	for _, e := range r.entries(plotSection, node) {
		key := e.Key.String()
		text, err := config.ValueText(e.Value)
		if err != nil {
			r.fail("%s: %s: %w", plotSection, key, err)
			return
		}
		switch key {
		case "x", "series":
			of, err := Key(text)
			if err != nil {
				r.fail("%s: %s: %w", plotSection, key, err)
				return
			}
			if key == "x" {
				p.X = of
			} else {
				p.Series = of
			}
		case "y":
			p.Y = text
		default:
			r.fail("%s: %s: must be one of %s%s", plotSection, key, strings.Join(keys, ", "), perhaps(key, keys))
			return
		}
	}
	switch {
	case p.X == "" || p.X == seedsKey || p.Series == seedsKey:
		r.fail("%s: x must be a setting, such as x: rate; seeds are averaged", plotSection)
	case !slices.Contains(plotted, p.Y):
		r.fail("%s: y = %s: must be one of %s%s", plotSection, p.Y, strings.Join(plotted, ", "), perhaps(p.Y, plotted))
	default:
		r.file.Plots = append(r.file.Plots, p)
	}
}
