package train

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"image/color"
	"io"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// plotSweep draws mse_vs_p.svg and mse_vs_p.png: the test error at every p, with its standard
// error, and the theory's curve at this d and in the limit; below it, the distance of the encoder to the
// nearest signed permutation, which drops where the identity becomes the better candidate.
func plotSweep(dir string, c Config, points []Point) error {
	p := newPlot(title(c), "", "MSE per coordinate")
	finite, limit, err := theoryCurve(c, points)
	if err != nil {
		return err
	}
	p.Y.Min = 0
	atD, atInfinity := line(finite, colour(0), 1.5, nil), line(limit, grey, 1, dashed)
	p.Add(atInfinity, atD)
	dots, bars := pointsWithBars(colour(1))
	for _, pt := range points {
		addPoint(dots, bars, pt.P, pt.TestMSE, pt.TestMSEStderr)
	}
	p.Add(bars, dots)
	below := distancePlot(points)
	below.X.Min, below.X.Max = p.X.Min, p.X.Max
	legend := plot.NewLegend()
	legend.Left, legend.Top, legend.Padding = true, true, vg.Points(3)
	legend.TextStyle.Font.Variant = "Sans"
	trained := "trained ± standard error"
	if n := len(c.Seeds); n > 1 {
		trained = fmt.Sprintf("trained, mean of %d seeds ± standard error", n)
	}
	legend.Add(trained, dots)
	legend.Add(fmt.Sprintf("theory at d = %d", c.Model.Dim), atD)
	legend.Add("theory, d → ∞", atInfinity)
	return saveFigure(dir, "mse_vs_p", 6.5*vg.Inch, 7.5*vg.Inch, func(dc draw.Canvas) {
		const legendHeight = 0.75 * vg.Inch // above the plot: it covers nothing
		const belowHeight = 2.6 * vg.Inch
		legend.Draw(draw.Crop(dc, 0.7*vg.Inch, 0, 0, 0))
		upper := draw.Crop(dc, 0, -0.1*vg.Inch, belowHeight, -legendHeight)
		lower := draw.Crop(dc, 0, -0.1*vg.Inch, 0, belowHeight-dc.Size().Y)
		p.Draw(upper)
		below.Draw(lower)
	})
}

// distancePlot is the lower panel.
func distancePlot(points []Point) *plot.Plot {
	p := newPlot("", "p, probability of a non-zero coordinate", "distance to a signed permutation")
	p.Y.Min, p.Y.Max = 0, math.Sqrt2
	dots, bars := pointsWithBars(colour(2))
	for _, pt := range points {
		addPoint(dots, bars, pt.P, pt.Permutation, pt.PermutationStderr)
	}
	joined := line(slices.Clone(dots.XYs), colour(2), 0.8, nil)
	slices.SortFunc(joined.XYs, func(a, b plotter.XY) int { return cmp.Compare(a.X, b.X) })
	p.Add(joined, bars, dots)
	return p
}

// pointsWithBars returns empty plotters for values with standard errors.
func pointsWithBars(c color.Color) (*plotter.Scatter, *plotter.YErrorBars) {
	dots := &plotter.Scatter{GlyphStyle: draw.GlyphStyle{Color: c, Radius: vg.Points(3), Shape: draw.CircleGlyph{}}}
	return dots, &plotter.YErrorBars{LineStyle: draw.LineStyle{Color: c, Width: vg.Points(1)}, CapWidth: vg.Points(5)}
}

func addPoint(dots *plotter.Scatter, bars *plotter.YErrorBars, x, y, stderr float64) {
	xy := plotter.XY{X: x, Y: y}
	dots.XYs, bars.XYs = append(dots.XYs, xy), append(bars.XYs, xy)
	bars.YErrors = append(bars.YErrors, struct{ Low, High float64 }{stderr, stderr})
}

// sweepHeader names the columns of sweep.csv.
var sweepHeader = []string{
	"p", "test_mse", "test_mse_stderr", "theory", "theory_limit", "permutation", "permutation_stderr",
}

// writeSweep writes sweep.csv, the numbers behind mse_vs_p: a row for every p.
func writeSweep(path string, points []Point) error {
	return WriteFile(path, func(w io.Writer) error {
		out := csv.NewWriter(w)
		rows := [][]string{sweepHeader}
		for _, pt := range points {
			rows = append(rows, []string{
				ftoa(pt.P), ftoa(pt.TestMSE), ftoa(pt.TestMSEStderr), ftoa(pt.Expected), ftoa(pt.Limit),
				ftoa(pt.Permutation), ftoa(pt.PermutationStderr),
			})
		}
		return out.WriteAll(rows)
	})
}

func sortByX(points plotter.XYs) {
	slices.SortFunc(points, func(a, b plotter.XY) int { return cmp.Compare(a.X, b.X) })
}

// theoryCurve returns the expected error over the range of p, at d and in the limit.
func theoryCurve(c Config, measured []Point) (finite, limit plotter.XYs, err error) {
	if !c.hasTheory() {
		return nil, nil, nil
	}
	if c.Data.isSet() { // known where it was computed
		for _, pt := range measured {
			finite = append(finite, plotter.XY{X: pt.P, Y: pt.Expected})
			limit = append(limit, plotter.XY{X: pt.P, Y: pt.Limit})
		}
		sortByX(finite)
		sortByX(limit)
		return finite, limit, nil
	}
	const points = 80
	low, high := c.Data.P[0], c.Data.P[0]
	for _, p := range c.Data.P {
		low, high = min(low, p), max(high, p)
	}
	c.Data.P = nil
	for i := range points + 1 {
		c.Data.P = append(c.Data.P, low+(high-low)*float64(i)/points)
	}
	theory, err := predictions(c)
	if err != nil {
		return nil, nil, err
	}
	for i, t := range theory {
		f, l := expected(c.Model, t)
		finite = append(finite, plotter.XY{X: c.Data.P[i], Y: f})
		limit = append(limit, plotter.XY{X: c.Data.P[i], Y: l})
	}
	return finite, limit, nil
}
