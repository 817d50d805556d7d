package train

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// plotSweep draws mse_vs_p.svg and mse_vs_p.png: the test error at every p, with its standard
// error, and the theory's curve at this d and in the limit.
func plotSweep(dir string, c Config, points []Point) error {
	p := newPlot(title(c), "p, probability of a non-zero coordinate", "MSE per coordinate")
	finite, limit, err := theoryCurve(c)
	if err != nil {
		return err
	}
	p.Y.Min = 0
	atD, atInfinity := line(finite, colour(0), 1.5, nil), line(limit, grey, 1, dashed)
	p.Add(atInfinity, atD)
	dots := &plotter.Scatter{
		GlyphStyle: draw.GlyphStyle{Color: colour(1), Radius: vg.Points(3), Shape: draw.CircleGlyph{}},
	}
	bars := &plotter.YErrorBars{LineStyle: draw.LineStyle{Color: colour(1), Width: vg.Points(1)}, CapWidth: vg.Points(5)}
	for _, pt := range points {
		xy := plotter.XY{X: pt.P, Y: pt.TestMSE}
		dots.XYs, bars.XYs = append(dots.XYs, xy), append(bars.XYs, xy)
		bars.YErrors = append(bars.YErrors, struct{ Low, High float64 }{pt.TestMSEStderr, pt.TestMSEStderr})
	}
	p.Add(bars, dots)
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
	return saveFigure(dir, "mse_vs_p", 6.5*vg.Inch, 5*vg.Inch, func(dc draw.Canvas) {
		const legendHeight = 0.75 * vg.Inch // above the plot: it covers nothing
		legend.Draw(draw.Crop(dc, 0.7*vg.Inch, 0, 0, 0))
		p.Draw(draw.Crop(dc, 0, -0.1*vg.Inch, 0, -legendHeight))
	})
}

// theoryCurve returns the expected error over the range of p, at d and in the limit.
func theoryCurve(c Config) (finite, limit plotter.XYs, err error) {
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
