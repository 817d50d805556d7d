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
		c, caption, err := s.chart(r)
		if err != nil {
			return nil, err
		}
		all = append(all, reproduce.Figure{Name: fmt.Sprintf("amp-hard-phase-p%g", s.p), Paint: c.Paint, Caption: caption})
	}
	return all, nil
}

// chart shows the error against the rate.
func (s studied) chart(r *reproduce.Results) (*figure.Chart, string, error) {
	law := amp.SparseRademacher{P: s.p}
	rows := r.Rows
	rateIT, _ := amp.RateIT(law)
	first, last := s.rates[0], s.rates[len(s.rates)-1]
	c := &figure.Chart{
		Title: fmt.Sprintf("Sparse Rademacher data, p = %g, Haar encoder", s.p), X: "rate r = n/d", Y: "MSE per coordinate",
		XMin: first - 0.1, XMax: last + 0.1, YMin: 0,
	}
	over := ratesOf{law, c.XMin, c.XMax, rateIT}
	theory, err := reproduce.Once(r, over, over.curves)
	if err != nil {
		return nil, "", err
	}
	c.YMax = 1.1 * theory.reached[0].Y
	c.Add(figure.Curve{Label: "AMP", Points: theory.reached, Pen: figure.Dash(figure.Blue)}, figure.Curve{Label: "optimum", Points: theory.best, Pen: figure.Solid(figure.Black)})
	largest := s.dims[len(s.dims)-1]
	c.Mark(
		marks("VAMP on matrices", reproduce.Where(rows, "kind", decoded, "p", s.p), figure.Marks{Colour: figure.Blue}),
		marks(fmt.Sprintf("enumeration, d = %d", largest), reproduce.Where(rows, "kind", enumerated, "p", s.p, "dim", largest),
			figure.Marks{Colour: figure.Vermilion, Shape: draw.SquareGlyph{}}),
	)
	return c, fmt.Sprintf("The optimum falls to 0 at r_IT = %.4f. AMP follows its fixed point until that vanishes; the exact error of small dimensions does not.", rateIT), nil
}

// ratesOf are a law and the rates at which its theory is drawn.
type ratesOf struct {
	law            amp.SparseRademacher
	from, to, jump float64
}

// theoryCurves are AMP's error and the optimum against the rate.
type theoryCurves struct{ reached, best plotter.XYs }

// curves are the curves over 60 rates and on both sides of the jump.
func (of ratesOf) curves() (out theoryCurves, err error) {
	const points = 60
	rates := []float64{of.jump - 1e-6, of.jump + 1e-6}
	for i := range points + 1 {
		rates = append(rates, of.from+(of.to-of.from)*float64(i)/points)
	}
	slices.Sort(rates)
	for _, rate := range rates {
		t, err := amp.PredictPrior(of.law, rate, nil)
		if err != nil {
			return out, err
		}
		out.reached, out.best = append(out.reached, plotter.XY{X: rate, Y: t.AMP}), append(out.best, plotter.XY{X: rate, Y: t.Bayes})
	}
	return out, nil
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
