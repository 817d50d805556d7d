package train

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/amp"
)

// plotLoss draws loss.svg and loss.png: the training loss of every replica against the step,
// and for each p the error that the theory expects. Where the identity candidate is the better
// one, the Haar candidate's error, the height of the plateau, is drawn as well.
func plotLoss(dir string, c Config, rows []Row, theory []*amp.Prediction) error {
	p := newPlot(title(c), "optimizer updates", "MSE per coordinate")
	p.Y.Min, p.Y.Max = 0, 1
	for _, r := range rows {
		p.Y.Max = math.Max(p.Y.Max, math.Min(1.5, r.TrainMSE))
	}
	p.Y.Max *= 1.03
	last := float64(c.Steps)
	p.X.Min, p.X.Max = 1, math.Max(last, 2)
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, decades{last}
	var labels []label
	for i, t := range theory {
		if t == nil {
			continue
		}
		labels = append(labels, theoryLines(p, c, t, c.Data.P[i], colour(i), last)...)
	}
	for replica, points := range curves(rows) {
		p.Add(line(points, colour(replica/len(c.Seeds)), 1.2, nil))
	}
	return saveFigure(dir, "loss", 8.5*vg.Inch, 5*vg.Inch, func(dc draw.Canvas) {
		inner := draw.Crop(dc, 0, -1.8*vg.Inch, 0, 0)
		p.Draw(inner)
		drawLabels(dc, inner, p, labels)
	})
}

// title describes a run in a line.
func title(c Config) string {
	decoder := ""
	if c.Model.Denoiser != "" {
		decoder = " " + c.Model.Denoiser
	}
	if c.Model.Tied {
		decoder += ", tied"
	}
	return fmt.Sprintf("%s%s, %s, d = %d, n = %d", c.Model.Name, decoder, c.Data.Name, c.Model.Dim, c.Model.Code())
}

// curves returns the training losses by replica.
func curves(rows []Row) []plotter.XYs {
	var out []plotter.XYs
	for _, r := range rows {
		for r.Replica >= len(out) {
			out = append(out, nil)
		}
		out[r.Replica] = append(out[r.Replica], plotter.XY{X: float64(r.Step), Y: r.TrainMSE})
	}
	return out
}

// theoryLines adds the horizontal lines of one p and returns their labels.
func theoryLines(p *plot.Plot, c Config, t *amp.Prediction, prob float64, col color.Color, last float64) []label {
	finite, _ := expected(c.Model, t)
	level := func(y float64, dashes []vg.Length) {
		p.Add(line(plotter.XYs{{X: 1, Y: y}, {X: last, Y: y}}, col, 1, dashes))
	}
	level(finite, dashed)
	labels := []label{{finite, fmt.Sprintf("p = %g, theory %.4f", prob, finite), col}}
	still := c.Model
	still.Encoder = "haar"
	if haar, _ := expected(still, t); haar > finite {
		level(haar, dotted)
		labels = append(labels, label{haar, fmt.Sprintf("p = %g, Haar %.4f", prob, haar), col})
	}
	return labels
}
