package train

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/train/figure"
)

// plotGDMin draws gdmin.svg and gdmin.png against time s = η·step, the first seed at every p in a colour of its own and
// the ODE dashed: the extreme eigenvalues of BBᵀ; the distance to orthogonality and the drift of the singular vectors,
// dotted; the error.
func plotGDMin(d *directory, c Config, rows []GDMinRow) error {
	spectrum := figure.New(title(c), "", "extreme eigenvalues of BBᵀ")
	distance := figure.New("", "", "‖SSᵀ − I‖, drift (dotted)")
	loss := figure.New("", "time s = η·step", "MSE per coordinate")
	distance.Y.Scale, distance.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	legend := figure.Legend()
	pick := func(replica int, value func(GDMinRow) float64) plotter.XYs {
		var out plotter.XYs
		for _, r := range rows {
			if v := value(r); r.Replica == replica && (v > 1e-9 || v < 0) {
				out = append(out, plotter.XY{X: r.Time, Y: v})
			}
		}
		return out
	}
	for i, p := range c.Data.P {
		replica, col := i*len(c.Seeds), figure.Colour(i)
		add := func(on *plot.Plot, dashes []vg.Length, value func(GDMinRow) float64) *plotter.Line {
			points := pick(replica, value)
			l := figure.Line(points, figure.Pen{Colour: col, Dashes: dashes, Width: 1.3})
			if len(points) > 1 {
				on.Add(l)
			}
			return l
		}
		if i == 0 {
			col = figure.Grey
			ode := add(spectrum, figure.Dashed, func(r GDMinRow) float64 { return r.ODEMin })
			add(spectrum, figure.Dashed, func(r GDMinRow) float64 { return r.ODEMax })
			add(distance, figure.Dashed, func(r GDMinRow) float64 { return r.ODEOrthogonality })
			add(loss, figure.Dashed, func(r GDMinRow) float64 { return r.ODEMSE })
			legend.Add("spectral flow, any p", ode)
			col = figure.Colour(i)
		}
		l := add(spectrum, nil, func(r GDMinRow) float64 { return r.LambdaMin })
		add(spectrum, nil, func(r GDMinRow) float64 { return r.LambdaMax })
		add(distance, nil, func(r GDMinRow) float64 { return r.Orthogonality })
		add(distance, figure.Dotted, func(r GDMinRow) float64 { return r.Drift })
		add(loss, nil, func(r GDMinRow) float64 { return r.MSE })
		legend.Add(fmt.Sprintf("gd-min, p = %g", p), l)
	}
	panels := []*plot.Plot{spectrum, distance, loss}
	for _, p := range panels {
		p.X.Min, p.X.Max = 0, math.Max(c.GDMin.StepSize*float64(c.Steps), 1e-9)
		p.Add(plotter.NewGrid())
	}
	const legendHeight = 0.9 * vg.Inch
	return d.saveFigure("gdmin", 6.5*vg.Inch, 10*vg.Inch, func(dc draw.Canvas) {
		legend.Draw(draw.Crop(dc, 0.7*vg.Inch, 0, 0, 0))
		height := (dc.Size().Y - legendHeight) / vg.Length(len(panels))
		for i, p := range panels {
			below := vg.Length(len(panels)-1-i) * height
			p.Draw(draw.Crop(dc, 0, -0.1*vg.Inch, below, below+height-dc.Size().Y))
		}
	})
}
