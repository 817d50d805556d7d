package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"autoamp/amp"
	"autoamp/datasets/durable"
	"autoamp/train/figure"
)

// theoryCurve is one line of the figure.
type theoryCurve struct {
	quantity
	Points plotter.XYs
}

// theoryFigure is the figure of a swept theory.
type theoryFigure struct {
	Title, X string
	Curves   []theoryCurve
}

// readTheoryFigure reads the CSV that a sweep over param wrote. Every curve is the column of one of the quantities.
func readTheoryFigure(r io.Reader, title, param string, quantities []quantity) (*theoryFigure, error) {
	records, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("theory: curves: %w", err)
	}
	if len(records) < 2 {
		return nil, errors.New("theory: curves: no points")
	}
	x := slices.Index(records[0], param)
	if x < 0 {
		return nil, fmt.Errorf("theory: curves: no column %q", param)
	}
	f := &theoryFigure{Title: title, X: axisTitles[param]}
	for _, q := range quantities {
		y := slices.Index(records[0], q.Name)
		if y < 0 || q.Label == "" {
			continue
		}
		if points := column(records[1:], x, y); len(points) > 0 {
			f.Curves = append(f.Curves, theoryCurve{q, points})
		}
	}
	f.Curves = worthDrawing(f.Curves)
	return f, nil
}

var axisTitles = map[string]string{
	"p":    "p, probability of a non-zero coordinate",
	"rate": "rate r = n/d, bits per coordinate",
}

// column returns the points of two columns, without the rows that lack a value.
func column(records [][]string, x, y int) plotter.XYs {
	var points plotter.XYs
	for _, record := range records {
		px, errX := strconv.ParseFloat(record[x], 64)
		py, errY := strconv.ParseFloat(record[y], 64)
		if errX == nil && errY == nil && !math.IsNaN(py) {
			points = append(points, plotter.XY{X: px, Y: py})
		}
	}
	return points
}

// worthDrawing leaves out some curves: an iteration or a time-sharing that looks like a curve before it, and the identity, the
// chain encoder and pairs if they are nowhere the best. The Bayes-optimal error takes the place of a curve that looks like it.
func worthDrawing(curves []theoryCurve) []theoryCurve {
	var kept []theoryCurve
	for _, c := range curves {
		alike := slices.IndexFunc(kept, func(k theoryCurve) bool { return apart(k.Points, c.Points) < minApart })
		if alike >= 0 && c.Name == "bayes" && kept[alike].Name == "amp" {
			kept[alike] = c
			continue
		}
		if alike >= 0 && c.Name != "bayes" && c.Name != "amp" {
			continue
		}
		if (c.Name == "identity" || c.Name == "chain" || c.Name == "pairs") && !everBelow(c.Points, curves) {
			continue
		}
		kept = append(kept, c)
	}
	return kept
}

// minApart is the distance of two curves, in units of the error, below which they are one line on paper.
const minApart = 2e-3

// apart is the largest distance of two curves with the same abscissae.
func apart(a, b plotter.XYs) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	largest := 0.0
	for i := range a {
		largest = math.Max(largest, math.Abs(a[i].Y-b[i].Y))
	}
	return largest
}

// everBelow reports whether an encoder that is not Haar beats, at some point, the Haar encoder with the same decoder.
func everBelow(other plotter.XYs, curves []theoryCurve) bool {
	haar := map[float64]float64{}
	for _, c := range slices.Backward(curves) {
		if c.Name == "gaussian" || c.Name == "denoiser" { // gaussian, the weaker one, comes last and stays
			for _, q := range c.Points {
				haar[q.X] = q.Y
			}
		}
	}
	for _, p := range other {
		if y, ok := haar[p.X]; ok && p.Y < y-minApart {
			return true
		}
	}
	return false
}

// pens are how quantities are drawn.
var pens = map[string]figure.Pen{
	"gaussian":        {Colour: figure.Grey, Dashes: figure.Dashed, Width: 1.4},
	"identity":        {Colour: figure.Orange, Dashes: figure.DashDot, Width: 1.6},
	"chain":           {Colour: figure.Orange, Width: 1.2},
	"pairs":           {Colour: figure.Orange, Dashes: figure.Dotted, Width: 1.4},
	"denoiser":        {Colour: figure.Vermilion, Width: 1.6},
	"amp":             {Colour: figure.Blue, Dashes: figure.Dashed, Width: 1.6},
	"bayes":           {Colour: figure.Blue, Width: 1.6},
	"denoiser_shared": {Colour: figure.Vermilion, Dashes: figure.DashDot, Width: 1.2},
	"bayes_shared":    {Colour: figure.Blue, Dashes: figure.DashDot, Width: 1.2},
	"shannon":         {Colour: figure.Black, Width: 1.2},
	"gaussian_finite": {Colour: figure.Grey, Dashes: figure.Dotted, Width: 1.2},
	"denoiser_finite": {Colour: figure.Vermilion, Dashes: figure.Dotted, Width: 1.2},
}

// iterationPens draw RI-GAMP, from iteration 2.
var iterationPens = []figure.Pen{
	{Colour: figure.Green, Dashes: []vg.Length{4, 2}, Width: 1.6},
	{Colour: figure.Purple, Dashes: []vg.Length{2, 2}, Width: 1.6},
	{Colour: figure.Sky, Dashes: []vg.Length{5, 2, 1, 2}, Width: 1.6},
	{Colour: figure.Black, Dashes: []vg.Length{1, 2}, Width: 1.6},
}

func penOf(name string) figure.Pen {
	if p, ok := pens[name]; ok {
		return p
	}
	t := 2
	if _, err := fmt.Sscanf(name, "rigamp_%d", &t); err != nil || t < 2 {
		t = 2
	}
	return iterationPens[(t-2)%len(iterationPens)]
}

// save writes dir/curves.svg and dir/curves.png. Each file is there whole or not at all.
func (f *theoryFigure) save(dir string) error {
	for _, format := range []figure.Format{figure.SVG, figure.PNG} {
		file, err := figure.Render(format, 8*vg.Inch, 4.6*vg.Inch, f.chart().Paint)
		if err == nil {
			err = durable.WriteBytes(durable.OS, filepath.Join(dir, "curves."+string(format)), file)
		}
		if err != nil {
			return fmt.Errorf("theory: figure: %w", err)
		}
	}
	return nil
}

// chart is the figure's curves. The identity encoder's error may exceed all others by far and does not stretch the axis.
func (f *theoryFigure) chart() *figure.Chart {
	c := &figure.Chart{Title: f.Title, X: f.X, Y: "MSE per coordinate"}
	for _, curve := range f.Curves {
		c.Add(figure.Curve{Label: curve.Label, Points: curve.Points, Pen: penOf(curve.Name)})
		for _, xy := range curve.Points {
			if curve.Name != "identity" && curve.Name != "chain" || len(f.Curves) == 1 {
				c.YMax = math.Max(c.YMax, math.Max(1.04*xy.Y, 1e-6))
			}
		}
	}
	return c
}

// writeCurves writes a sweep into dir, as curves.csv and, read back from it, curves.svg and curves.png, and returns
// their paths.
func writeCurves(dir, title, param string, points []*amp.Prediction, quantities []quantity) ([]string, error) {
	var table bytes.Buffer
	w := csv.NewWriter(&table)
	_ = w.Write(curveHeader(quantities)) // writing to a buffer never fails
	for _, p := range points {
		_ = w.Write(curveRow(p, quantities))
	}
	w.Flush()
	f, err := readTheoryFigure(bytes.NewReader(table.Bytes()), title, param, quantities)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "curves.csv")
	if err := errors.Join(durable.WriteBytes(durable.OS, path, table.Bytes()), f.save(dir)); err != nil {
		return nil, err
	}
	return []string{path, filepath.Join(dir, "curves.svg"), filepath.Join(dir, "curves.png")}, nil
}
