package report

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/train/config"
	"autoamp/train/figure"
	"autoamp/train/rundir"
)

// plotGDMin draws gdmin.svg and gdmin.png against time s = η·step, the first seed at every p in a colour of its own and
// the ODE dashed: the extreme eigenvalues of BBᵀ; the distance to orthogonality and the drift of the singular vectors,
// dotted; the error.
func plotGDMin(d *folder, c config.Config, rows []rundir.GDMinRow) error {
	spectrum := figure.New(title(c), "", "extreme eigenvalues of BBᵀ")
	distance := figure.New("", "", "‖SSᵀ − I‖, drift (dotted)")
	loss := figure.New("", "time s = η·step", "MSE per coordinate")
	distance.Y.Scale, distance.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	legend := figure.Legend()
	ode := trajectory{rows: rows, pen: figure.Pen{Colour: figure.Grey, Dashes: figure.Dashed, Width: 1.3}}
	legend.Add("spectral flow, any p", ode.add(spectrum, func(r rundir.GDMinRow) float64 { return r.ODEMin }))
	ode.add(spectrum, func(r rundir.GDMinRow) float64 { return r.ODEMax })
	ode.add(distance, func(r rundir.GDMinRow) float64 { return r.ODEOrthogonality })
	ode.add(loss, func(r rundir.GDMinRow) float64 { return r.ODEMSE })
	for i, p := range c.Data.P {
		t := trajectory{rows: rows, replica: i * len(c.Seeds), pen: figure.Pen{Colour: figure.Colour(i), Width: 1.3}}
		legend.Add(fmt.Sprintf("gd-min, p = %g", p), t.add(spectrum, func(r rundir.GDMinRow) float64 { return r.LambdaMin }))
		t.add(spectrum, func(r rundir.GDMinRow) float64 { return r.LambdaMax })
		t.add(distance, func(r rundir.GDMinRow) float64 { return r.Orthogonality })
		t.add(loss, func(r rundir.GDMinRow) float64 { return r.MSE })
		t.pen.Dashes = figure.Dotted
		t.add(distance, func(r rundir.GDMinRow) float64 { return r.Drift })
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

// trajectory draws the rows of one replica in gdmin.csv.
type trajectory struct {
	rows    []rundir.GDMinRow
	replica int
	pen     figure.Pen
}

// add draws a column against time if it has two points, and returns its line for the legend. A logarithmic axis has no zero,
// so values near zero are left out.
func (t trajectory) add(on *plot.Plot, value func(rundir.GDMinRow) float64) *plotter.Line {
	var points plotter.XYs
	for _, r := range t.rows {
		if v := value(r); r.Replica == t.replica && (v > 1e-9 || v < 0) {
			points = append(points, plotter.XY{X: r.Time, Y: v})
		}
	}
	line := figure.Line(points, t.pen)
	if len(points) > 1 {
		on.Add(line)
	}
	return line
}
