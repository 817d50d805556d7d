package sweep

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"autoamp/datasets/durable"
	"autoamp/train/figure"
)

// figurePrefix begins the names of the figures.
const figurePrefix = "plot-"

// draw draws the figures of the file.
func (st *Status) draw(s *Summary) error {
	for _, f := range st.figures(s) {
		for _, format := range []figure.Format{figure.SVG, figure.PNG} {
			drawn, err := f.Render(format)
			if err == nil {
				err = durable.WriteBytes(st.Disk, filepath.Join(st.Path, f.Name+"."+string(format)), drawn)
			}
			if err != nil {
				return fmt.Errorf("sweep: figure: %w", err)
			}
		}
	}
	return nil
}

// Figure is a figure of a sweep.
type Figure struct {
	Name  string // of its files
	chart *figure.Chart
}

// Render returns the figure as a file.
func (f Figure) Render(format figure.Format) ([]byte, error) {
	return figure.Render(format, 8*vg.Inch, 4.6*vg.Inch, f.chart.Paint)
}

// Figures are the figures of the file, of the cells that are done.
func (st *Status) Figures() []Figure { return st.figures(st.Summarise()) }

// figures are the figures of a summary. A figure without points is left out.
func (st *Status) figures(s *Summary) []Figure {
	var out []Figure
	for _, p := range st.Grid.File.Plots {
		chart := p.chart(st.Grid, s)
		if chart == nil {
			continue
		}
		name := figurePrefix + strings.ReplaceAll(short(p.X)+"-"+p.Y, ".", "-")
		if p.Series != "" {
			name += "-by-" + strings.ReplaceAll(short(p.Series), ".", "-")
		}
		out = append(out, Figure{name, chart})
	}
	return out
}

// line is a series: its means by x.
type line struct {
	label string
	means []Mean
}

// chart draws a figure; nil if no x is a number.
func (p Plot) chart(g *Grid, s *Summary) *figure.Chart {
	lines := p.lines(g, s)
	if len(lines) == 0 {
		return nil
	}
	c := &figure.Chart{X: short(p.X), Y: p.Y}
	for i, l := range lines {
		colour := figure.Colour(i)
		marks := figure.Marks{Label: l.label, Colour: colour}
		var finite, limit plotter.XYs
		for _, m := range l.means {
			x, _ := number(g.Value(m.cell, p.X))
			marks.Points = append(marks.Points, plotter.XY{X: x, Y: p.height(m)})
			marks.Errors = append(marks.Errors, p.bar(m))
			if p.Y != GapColumn && m.FiniteDim != nil {
				finite = append(finite, plotter.XY{X: x, Y: *m.FiniteDim})
			}
			if p.Y != GapColumn && m.Limit != nil {
				limit = append(limit, plotter.XY{X: x, Y: *m.Limit})
			}
		}
		if len(limit) > 1 {
			c.Add(figure.Curve{Label: first(i, "d → ∞"), Points: limit, Pen: figure.Pen{Colour: colour, Dashes: figure.Dashed, Width: 1}})
		}
		if len(finite) > 1 {
			c.Add(figure.Curve{Label: first(i, "theory at d"), Points: finite, Pen: figure.Solid(colour)})
		}
		c.Mark(marks)
	}
	return c
}

// first is a label of the first series alone.
func first(i int, label string) string {
	if i > 0 {
		return ""
	}
	return label
}

// height is what a figure shows of a mean.
func (p Plot) height(m Mean) float64 {
	switch p.Y {
	case GapColumn:
		if m.Gap == nil {
			return 0
		}
		return *m.Gap
	case TrainMSEColumn:
		return m.TrainMSE
	}
	return m.TestMSE
}

// bar is the standard error of what a figure shows.
func (p Plot) bar(m Mean) float64 {
	switch {
	case p.Y == GapColumn && m.FiniteDim != nil:
		return m.TestMSEStderr / *m.FiniteDim
	case p.Y == TestMSEColumn:
		return m.TestMSEStderr
	}
	return 0
}

// lines divides the means into series by the settings other than x, in the order of the grid, each sorted by x.
func (p Plot) lines(g *Grid, s *Summary) []line {
	var lines []line
	at := map[string]int{}
	for _, m := range s.Points {
		if _, ok := number(g.Value(m.cell, p.X)); !ok || p.Y == GapColumn && m.Gap == nil {
			continue
		}
		label := p.label(g, m)
		if _, ok := at[label]; !ok {
			at[label] = len(lines)
			lines = append(lines, line{label: label})
		}
		lines[at[label]].means = append(lines[at[label]].means, m)
	}
	for _, l := range lines {
		slices.SortFunc(l.means, func(a, b Mean) int {
			x, _ := number(g.Value(a.cell, p.X))
			y, _ := number(g.Value(b.cell, p.X))
			return cmp.Compare(x, y)
		})
	}
	return lines
}

// label names a series: its setting first, then the others that vary.
func (p Plot) label(g *Grid, m Mean) string {
	var parts []string
	if p.Series != "" {
		parts = append(parts, text(g.Value(m.cell, p.Series)))
	}
	for _, key := range g.Columns {
		if key != p.X && key != p.Series && key != seedsKey && g.varies(key) {
			parts = append(parts, short(key)+" = "+text(g.Value(m.cell, key)))
		}
	}
	return strings.Join(parts, ", ")
}

// varies reports whether a setting has several values.
func (g *Grid) varies(key string) bool {
	return slices.ContainsFunc(g.File.Axes, func(a Axis) bool { return slices.Contains(a.Keys, key) && a.Len() > 1 })
}
