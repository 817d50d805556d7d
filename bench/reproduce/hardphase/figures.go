package hardphase

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// figures draws a chart for each p.
func figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	var all []reproduce.Figure
	for _, s := range laws(r.Scale) {
		c, caption, err := s.chart(r.Rows)
		if err != nil {
			return nil, err
		}
		all = append(all, reproduce.Figure{Name: fmt.Sprintf("amp-hard-phase-p%g", s.p), Paint: c.Paint, Caption: caption})
	}
	return all, nil
}

// chart shows the error against the rate.
func (s studied) chart(rows []reproduce.Row) (*figure.Chart, string, error) {
	law := amp.SparseRademacher{P: s.p}
	rateIT, _ := amp.RateIT(law)
	first, last := s.rates[0], s.rates[len(s.rates)-1]
	c := &figure.Chart{
		Title: fmt.Sprintf("Sparse Rademacher data, p = %g, Haar encoder", s.p), X: "rate r = n/d", Y: "MSE per coordinate",
		XMin: first - 0.1, XMax: last + 0.1, YMin: 0,
	}
	reached, best, err := curves(law, c.XMin, c.XMax, rateIT)
	if err != nil {
		return nil, "", err
	}
	c.YMax = 1.1 * reached[0].Y
	c.Add(figure.Curve{Label: "AMP", Points: reached, Pen: figure.Dash(figure.Blue)}, figure.Curve{Label: "optimum", Points: best, Pen: figure.Solid(figure.Black)})
	largest := s.dims[len(s.dims)-1]
	c.Mark(
		marks("VAMP on matrices", reproduce.Where(rows, "kind", decoded, "p", s.p), figure.Marks{Colour: figure.Blue}),
		marks(fmt.Sprintf("enumeration, d = %d", largest), reproduce.Where(rows, "kind", enumerated, "p", s.p, "dim", largest),
			figure.Marks{Colour: figure.Vermilion, Shape: draw.SquareGlyph{}}),
	)
	return c, fmt.Sprintf("The optimum falls to 0 at r_IT = %.4f. AMP follows its fixed point until that vanishes; the exact error of small dimensions does not.", rateIT), nil
}

// curves are AMP's error and the optimum over 60 rates and on both sides of the jump.
func curves(law amp.Prior, from, to, jump float64) (reached, best plotter.XYs, err error) {
	const points = 60
	rates := []float64{jump - 1e-6, jump + 1e-6}
	for i := range points + 1 {
		rates = append(rates, from+(to-from)*float64(i)/points)
	}
	slices.Sort(rates)
	for _, rate := range rates {
		t, err := amp.PredictPrior(law, rate, nil)
		if err != nil {
			return nil, nil, err
		}
		reached, best = append(reached, plotter.XY{X: rate, Y: t.AMP}), append(best, plotter.XY{X: rate, Y: t.Bayes})
	}
	return reached, best, nil
}

// marks are the means over seeds at each rate.
func marks(label string, rows []reproduce.Row, m figure.Marks) figure.Marks {
	m.Label = label
	for _, rate := range reproduce.Distinct(rows, "rate") {
		e := reproduce.Mean(reproduce.Where(rows, "rate", rate), "mse", "")
		m.Points, m.Errors = append(m.Points, plotter.XY{X: rate, Y: e.Value}), append(m.Errors, e.Stderr)
	}
	return m
}
