package pairs

import (
	"fmt"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// figures draws a chart for each law.
func figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	var all []reproduce.Figure
	for _, law := range []struct{ name, title string }{{rademacher, "Sparse Rademacher data"}, {gaussian, "Sparse Gaussian data"}} {
		theory, err := reproduce.Once(r, law.name, func() (curves, error) { return curvesOf(law.name), nil })
		if err != nil {
			return nil, err
		}
		c := chart(law.title, theory)
		rows := reproduce.Where(r.Rows, "data", law.name)
		mark(c, r.Scale, rows)
		all = append(all, reproduce.Figure{Name: "amp-pairs-" + law.name, Paint: c.Paint,
			Caption: "Curves are limits d → ∞. Pairs are two rows t·e_i ± Δ_i for half of the coordinates; marks are means over seeds ± s.e."})
	}
	return all, nil
}

// curves are errors against p.
type curves struct{ haar, pairs, spiked, identity plotter.XYs }

// curvesOf are the curves of a law.
func curvesOf(name string) (c curves) {
	const points = 99
	for k := range points {
		p := 0.01 * float64(k+1)
		law := priorOf(name, p)
		paired, _ := amp.BestServingPairs(law, rate)
		spiked, _, _ := amp.SpikedMSE(law, rate)
		mean := law.AbsMean()
		c.haar, c.pairs = append(c.haar, plotter.XY{X: p, Y: amp.RGauss(rate)}), append(c.pairs, plotter.XY{X: p, Y: paired.MSE})
		c.spiked, c.identity = append(c.spiked, plotter.XY{X: p, Y: spiked}), append(c.identity, plotter.XY{X: p, Y: 1 - rate*mean*mean})
	}
	return c
}

// chart is the theory.
func chart(title string, theory curves) *figure.Chart {
	c := &figure.Chart{Title: title + ", r = 1, linear decoder", X: "share p of the data that is not zero", Y: "MSE per coordinate", XMin: 0, XMax: 1, YMin: 0, YMax: 0.5}
	c.Add(figure.Curve{Label: "Haar", Points: theory.haar, Pen: figure.Dash(figure.Blue)},
		figure.Curve{Label: "identity", Points: theory.identity, Pen: figure.Pen{Colour: figure.Orange, Dashes: figure.DashDot}},
		figure.Curve{Label: "spiked", Points: theory.spiked, Pen: figure.Dot(figure.Grey)},
		figure.Curve{Label: "pairs", Points: theory.pairs, Pen: figure.Solid(figure.Black)})
	return c
}

// mark adds what was simulated at the larger dimension, and what was trained.
func mark(c *figure.Chart, scale reproduce.Scale, rows []reproduce.Row) {
	d := sizes[scale].dims[1]
	drawn := reproduce.Where(rows, "kind", simulated, "dim", d)
	c.Mark(marks(fmt.Sprintf("Haar rows, simulated, d = %d", d), drawn, "haar_mse", figure.Marks{Colour: figure.Blue}),
		marks(fmt.Sprintf("pairs, simulated, d = %d", d), drawn, "pairs_mse", figure.Marks{Colour: figure.Black}))
	for i, t := range sizes[scale].trainings {
		label := fmt.Sprintf("trained from %s, d = %d", t.Start, t.Config.Model.Dim)
		c.Mark(marks(label, reproduce.Where(rows, "start", t.Start), "test_mse", figure.Marks{Colour: figure.Colour(i + 1), Shape: draw.SquareGlyph{}}))
	}
}

// marks are the means over seeds at each p.
func marks(label string, rows []reproduce.Row, column string, m figure.Marks) figure.Marks {
	m.Label = label
	for _, p := range reproduce.Distinct(rows, "p") {
		e := reproduce.Mean(reproduce.Where(rows, "p", p), column, "")
		m.Points, m.Errors = append(m.Points, plotter.XY{X: p, Y: e.Value}), append(m.Errors, e.Stderr)
	}
	return m
}
