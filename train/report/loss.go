package report

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"autoamp/amp"
	"autoamp/train/config"
	"autoamp/train/figure"
	"autoamp/train/rundir"
	"autoamp/train/theory"
)

// plotLoss draws loss.svg and loss.png: the training loss of every replica against the step, and
// for each p the error that the theory expects. If the identity candidate is the better one, the
// chart also shows the Haar candidate's error, the height of the plateau.
func plotLoss(d *folder, c config.Config, rows []rundir.Row, predictions []*amp.Prediction) error {
	top := 1.0
	for _, r := range rows {
		top = math.Max(top, math.Min(1.5, r.TrainMSE))
	}
	chart := figure.Chart{
		Title: title(c), X: "optimizer updates", Y: "MSE per coordinate", LogX: true,
		XMin: 1, XMax: math.Max(float64(c.Steps), 2), YMax: 1.03 * top,
	}
	for i, t := range predictions {
		if t == nil {
			continue
		}
		theoryLines(&chart, c, t, c.Data.P[i], figure.Colour(i))
	}
	for replica, points := range curves(rows) {
		chart.Add(figure.Curve{Points: points, Pen: figure.Pen{Colour: figure.Colour(replica / len(c.Seeds)), Width: 1.2}})
	}
	return d.saveFigure("loss", 8.5*vg.Inch, 5*vg.Inch, chart.Paint)
}

// title describes a run in a line.
func title(c config.Config) string {
	decoder := ""
	if c.Model.Denoiser != "" {
		decoder = " " + c.Model.Denoiser
	}
	if c.Model.Tied {
		decoder += ", tied"
	}
	return fmt.Sprintf("%s%s, %s, d = %d, n = %d", c.Model.Name, decoder, c.Data.Label(), c.Model.Dim, c.Model.Code())
}

// curves returns the training losses by replica.
func curves(rows []rundir.Row) []plotter.XYs {
	var out []plotter.XYs
	for _, r := range rows {
		for r.Replica >= len(out) {
			out = append(out, nil)
		}
		out[r.Replica] = append(out[r.Replica], plotter.XY{X: float64(r.Step), Y: r.TrainMSE})
	}
	return out
}

// theoryLines adds the horizontal lines of one p.
func theoryLines(chart *figure.Chart, c config.Config, t *amp.Prediction, prob float64, col color.Color) {
	best := theory.Best(c.Model, t)
	finite := best.Finite
	if finite == 0 {
		chart.Level(best.Limit, fmt.Sprintf("p = %g, theory for d → ∞ %.4f", prob, best.Limit), figure.Pen{Colour: col, Dashes: figure.Dashed, Width: 1})
		return
	}
	chart.Level(finite, fmt.Sprintf("p = %g, theory %.4f", prob, finite), figure.Pen{Colour: col, Dashes: figure.Dashed, Width: 1})
	still := c.Model
	still.Encoder = "haar"
	if haar := theory.Best(still, t).Finite; haar > finite {
		chart.Level(haar, fmt.Sprintf("p = %g, Haar %.4f", prob, haar), figure.Pen{Colour: col, Dashes: figure.Dotted, Width: 1})
	}
}
