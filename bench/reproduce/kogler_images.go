package reproduce

import (
	"fmt"

	"gonum.org/v1/plot/plotter"

	"autoamp/amp"
	"autoamp/figure"
	"autoamp/train"
)

// images is a figure of the error against the rate on whitened and masked images of one class: Figures 3, 6 and 11.
//
// The error is that on the training images, which are masked afresh at every presentation: the theory is about whitened data,
// and a map made from one class whitens other images less well.
type images struct {
	model train.ModelConfig
	data  train.DataConfig
	recipes
}

// cells are trainings at every rate, all p side by side.
func (f images) cells(p Params) ([]Cell, error) {
	r, err := f.at(p.Scale)
	if err != nil {
		return nil, err
	}
	var cells []Cell
	for _, t := range r.perRate(p.Seed, f.data.Name, f.model, f.data.Name) {
		t.Config.Data = f.data
		t.Config.Data.P = r.p
		t.Config.Evaluation.Every = r.steps / 5 // of which train_mse is the mean: a batch of images has outliers
		cells = append(cells, t.Cell())
	}
	return cells, nil
}

// onImages are the errors on training images against the rate.
func onImages(label string, rows []Row) figure.Marks {
	m := figure.Marks{Label: label, Colour: figure.Vermilion}
	for _, row := range rows {
		m.Points = append(m.Points, plotter.XY{X: row.Num("rate"), Y: row.Num("train_mse")})
	}
	return m
}

// rGauss is the Gaussian limit against the rate with a share zeta of directions without variance.
func rGauss(label string, zeta, top float64, pen figure.Pen) figure.Curve {
	c := figure.Curve{Label: label, Pen: pen}
	for _, rate := range ladder(0.01, top, 150) {
		c.Points = append(c.Points, plotter.XY{X: rate, Y: amp.DegenerateRGauss(rate, zeta)})
	}
	return c
}

// atRate claims that the error on training images is a value of the theory within a share.
func atRate(what string, row Row, reference, share float64) Claim {
	return Equal(fmt.Sprintf("r = %.3g: %s", row.Num("rate"), what), Exact(row.Num("train_mse")), Exact(reference), Tolerance{Relative: share})
}
