package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image/png"
	"math"
	"regexp"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"autoamp/train/config"
	"autoamp/train/figure"
	"autoamp/train/rundir"
)

// pageFigure is a chart of the page.
type pageFigure struct {
	Caption, Label string
	SVG            template.HTML
}

// Bounds of a chart: the points of a curve, and the curves.
const (
	mostPoints = 300
	mostCurves = 6
)

// pageFigures are the charts of the page: errors and structure against the step.
func (d *folder) pageFigures(c config.Config, points []rundir.Point, theory []levels) ([]pageFigure, error) {
	rows, err := rundir.ReadMetrics(d.path)
	if err != nil {
		return nil, err
	}
	shapes, err := rundir.ReadStructure(d.path)
	if err != nil {
		return nil, err
	}
	var out []pageFigure
	for _, one := range []struct {
		caption, label string
		chart          *figure.Chart
	}{
		{errorCaption(c), "Error against step", errorChart(c, rows, points, theory)},
		{"Structure of the encoder of the first seed at p = " + rundir.Decimal(c.Data.P[0]) + ", see structure.csv.", "Structure against step", structureChart(c, shapes)},
	} {
		svg, err := figure.Render(figure.SVG, 6*vg.Inch, 3.9*vg.Inch, one.chart.Paint)
		if err != nil {
			return nil, fmt.Errorf("train: %s: %w", pageFile, err)
		}
		out = append(out, pageFigure{one.caption, one.label, inline(svg)})
	}
	return out, nil
}

func errorCaption(c config.Config) string {
	text := "Error on fresh data (solid) and of training (thin) against the number of updates"
	if len(c.Seeds) > 1 {
		text += fmt.Sprintf(", means of %d seeds", len(c.Seeds))
	}
	text += ". Dashed: the theory."
	if n := len(c.Data.P); n > mostCurves {
		text += fmt.Sprintf(" %d of %d values of p are drawn.", mostCurves, n)
	}
	return text
}

// errorChart draws the errors of training and of fresh data by p, means over seeds. With one p all levels of the theory are
// drawn, with several what the best candidate gives.
func errorChart(c config.Config, rows []rundir.Row, points []rundir.Point, all []levels) *figure.Chart {
	chart := &figure.Chart{X: "optimizer updates", Y: "MSE per coordinate", LogX: true, XMin: 1, XMax: math.Max(float64(c.Steps), 2)}
	drawn := some(points)
	for i, point := range drawn {
		colour := figure.Colour(i)
		train, test := meanCurves(rows, point.P)
		label := ""
		if len(drawn) > 1 {
			label = "p = " + rundir.Decimal(point.P)
		}
		if len(drawn) > 1 && point.Expected > 0 {
			chart.Level(point.Expected, "", figure.Pen{Colour: colour, Dashes: figure.Dashed, Width: 0.8})
		}
		chart.Add(figure.Curve{Points: train, Pen: figure.Pen{Colour: colour, Width: 0.6}}, figure.Curve{Label: label, Points: test, Pen: figure.Pen{Colour: colour, Width: 1.6}})
	}
	if len(drawn) == 1 && len(all) == 1 {
		for i, line := range all[0].Lines {
			chart.Level(line.MSE, fmt.Sprintf("%s %.4f", strings.ReplaceAll(line.Name, "_", " "), line.MSE), figure.Pen{Colour: figure.Colour(i + 1), Dashes: figure.Dashed, Width: 1})
		}
	}
	top := 0.0
	for _, curve := range chart.Curves {
		for _, p := range curve.Points {
			top = math.Max(top, math.Min(1.5, p.Y))
		}
	}
	chart.YMax = 1.03 * math.Max(top, 1e-6)
	return chart
}

// some are points that a chart has room for, from the first to the last.
func some(points []rundir.Point) []rundir.Point {
	if len(points) <= mostCurves {
		return points
	}
	out := make([]rundir.Point, mostCurves)
	for i := range out {
		out[i] = points[i*(len(points)-1)/(mostCurves-1)]
	}
	return out
}

// meanCurves are the mean training and test errors at one p by step. Where the test error was not measured it has no point.
func meanCurves(rows []rundir.Row, p float64) (train, test plotter.XYs) {
	var seeds, measured float64
	for i, r := range rows {
		if r.P != p {
			continue
		}
		if x := float64(r.Step); len(train) == 0 || train[len(train)-1].X != x {
			train, seeds, measured = append(train, plotter.XY{X: x}), 0, 0
		}
		seeds++
		last := &train[len(train)-1]
		last.Y += (r.TrainMSE - last.Y) / seeds
		if math.IsNaN(rows[i].TestMSE) {
			continue
		}
		if measured == 0 {
			test = append(test, plotter.XY{X: last.X})
		}
		measured++
		test[len(test)-1].Y += (r.TestMSE - test[len(test)-1].Y) / measured
	}
	return thin(train), thin(test)
}

// thin leaves at most about mostPoints points, evenly spaced on the logarithmic axis, and the last one.
func thin(points plotter.XYs) plotter.XYs {
	if len(points) <= mostPoints {
		return points
	}
	first, last := math.Log(math.Max(points[0].X, 1)), math.Log(math.Max(points[len(points)-1].X, 2))
	var out plotter.XYs
	place := -1
	for i, p := range points {
		at := int((math.Log(math.Max(p.X, 1)) - first) / (last - first) * mostPoints)
		if at != place || i == len(points)-1 {
			out, place = append(out, p), at
		}
	}
	return out
}

// structureChart draws the measures of the first replica.
func structureChart(c config.Config, rows []rundir.StructureRow) *figure.Chart {
	chart := &figure.Chart{X: "optimizer updates", Y: "measure", YMax: 1.5, XMin: 0, XMax: float64(c.Steps)}
	for i, measure := range []struct {
		name string
		of   func(rundir.StructureRow) float64
	}{
		{"permutation", func(r rundir.StructureRow) float64 { return r.Permutation }},
		{"gram rms", func(r rundir.StructureRow) float64 { return r.GramRMS }},
		{"gram max", func(r rundir.StructureRow) float64 { return r.GramMax }},
		{"empty columns", func(r rundir.StructureRow) float64 { return r.EmptyColumns }},
		{"tied", func(r rundir.StructureRow) float64 {
			if r.Tied == nil {
				return math.NaN()
			}
			return *r.Tied
		}},
	} {
		var points plotter.XYs
		for _, r := range rows {
			if v := measure.of(r); r.Replica == 0 && !math.IsNaN(v) {
				points = append(points, plotter.XY{X: float64(r.Step), Y: v})
			}
		}
		if len(points) == 0 {
			continue
		}
		label := fmt.Sprintf("%s %.3f", measure.name, points[len(points)-1].Y)
		chart.Add(figure.Curve{Label: label, Points: points, Pen: figure.Solid(figure.Colour(i))})
		if len(points) == 1 {
			chart.Mark(figure.Marks{Points: points, Colour: figure.Colour(i)})
		}
	}
	return chart
}

// pageWeights are the matrices of the first seed at one p.
type pageWeights struct {
	P        float64
	Pictures []pagePicture
}

// pagePicture is a matrix as a PNG in the page.
type pagePicture struct {
	Title string
	Most  float64 // the number that is painted red; its negative is blue
	URL   template.URL
}

// pictures paints the matrices for the smallest and the largest p.
func pictures(checkpoint *rundir.Checkpoint) ([]pageWeights, error) {
	c := checkpoint.Config
	var out []pageWeights
	for _, i := range extremes(c.Data.P) {
		weights, err := checkpoint.Weights(i * len(c.Seeds))
		if err != nil {
			return nil, err
		}
		of := pageWeights{P: c.Data.P[i]}
		for _, m := range Matrices(c.Model) {
			picture, err := paintMatrix(m.Title, m.Of(weights))
			if err != nil {
				return nil, err
			}
			of.Pictures = append(of.Pictures, picture)
		}
		out = append(out, of)
	}
	return out, nil
}

// paintMatrix is a matrix as a picture.
func paintMatrix(title string, m mat.Matrix) (pagePicture, error) {
	rows, cols := m.Dims()
	most := math.Max(math.Max(mat.Max(m), -mat.Min(m)), 1e-6)
	var file bytes.Buffer
	if err := png.Encode(&file, figure.Picture(m, most)); err != nil {
		return pagePicture{}, fmt.Errorf("train: %s: %w", pageFile, err)
	}
	url := "data:image/png;base64," + base64.StdEncoding.EncodeToString(file.Bytes())
	return pagePicture{fmt.Sprintf("%s (%d × %d)", title, rows, cols), most, template.URL(url)}, nil
}

// inline is a chart as package figure writes it, for a page: without the size and the white background, and with colours that the
// page names, for its light and its dark scheme. Package figure has escaped its texts.
func inline(svg []byte) template.HTML {
	text := string(svg[max(0, bytes.Index(svg, []byte("<svg"))):])
	text = sizes.ReplaceAllString(text, "<svg")
	text = background.ReplaceAllString(text, "")
	return template.HTML(colours.ReplaceAllStringFunc(text, func(colour string) string {
		if name, ok := named[strings.ToUpper(colour)]; ok {
			return "var(--" + name + ")"
		}
		return colour
	}))
}

var (
	sizes      = regexp.MustCompile(`<svg width="[^"]*" height="[^"]*"`)
	background = regexp.MustCompile(`<path d="[^"]*" style="fill:#FFFFFF" />\n?`)
	colours    = regexp.MustCompile(`#[0-9A-Fa-f]{6}`)
	// named are the names in the page's style sheet of the colours of charts: black, grey, those of figure.Colour, and the darker ones
	// that it writes in.
	named = map[string]string{
		"#000000": "c0", "#606060": "c1", "#808080": "c2", "#0072B2": "c3", "#D55E00": "c4", "#009E73": "c5", "#CC79A7": "c6", "#E69F00": "c7", "#56B4E9": "c8",
		"#8E5474": "c6", "#A16F00": "c7", "#3C7DA3": "c8",
	}
)
