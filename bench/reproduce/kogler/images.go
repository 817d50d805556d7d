package kogler

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/plotter"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
)

// images is a figure of the error against the rate on whitened and masked images of one class: Figures 3, 6 and 11.
//
// The error is the error on the training images, with a fresh mask at every presentation. The theory is about whitened data.
// The whitening map is made from the training images of one class, and it whitens other images less well.
//
// The code of an image does not tell its norm. Behind a Haar encoder the linear decoder's error is
//
//	E‖x‖²/d − (1 − R_Gauss)·(E‖x‖)²/d = (1 − ζ)·[1 − κ·(1 − R_Gauss)],   κ = (E‖x‖)²/E‖x‖²,
//
// with κ = 1 for the theory's data, because their norms concentrate. Whitened images of one class have κ near 0.9. A
// training takes κ, the column norm_factor, from amp.RowLaw, and also the predicted errors of the linear decoder and of the
// denoiser.
type images struct {
	model train.ModelConfig
	data  train.DataConfig
	recipes
}

var imageColumns = append(slices.Clone(reproduce.TrainingColumns), "norm_factor")

// cells are trainings at every rate, all p side by side.
func (f images) cells(p reproduce.Params) ([]reproduce.Cell, error) {
	r, err := f.at(p.Scale)
	if err != nil {
		return nil, err
	}
	var cells []reproduce.Cell
	for _, t := range r.perRate(p, f.data.Name, f.model, f.data.Name) {
		t.Config.Data = f.data
		t.Config.Data.P = r.p
		t.Config.Model.Dim = r.dim
		t.Config.Evaluation.Every = r.steps / 5 // train_mse is the mean over these steps: a batch of images has outliers
		cells = append(cells, t.Cell())
	}
	return cells, nil
}

// normFactor is κ at p.
func normFactor(r *reproduce.Results, p float64) float64 {
	return reproduce.Pick(r.Rows, "kind", "final", "p", p).Num("norm_factor")
}

// linearOnImages is the linear decoder's error on images with a share zeta of directions without variance.
func linearOnImages(rate, zeta, kappa float64) float64 {
	return 1 - zeta - kappa*(1-zeta-amp.DegenerateRGauss(rate, zeta))
}

// onImages are the errors on training images against the rate.
func onImages(label string, rows []reproduce.Row) figure.Marks {
	m := figure.Marks{Label: label, Colour: figure.Vermilion}
	for _, row := range rows {
		m.Points = append(m.Points, plotter.XY{X: row.Num("rate"), Y: row.Num("train_mse")})
	}
	return m
}

// linearCurve is linearOnImages against the rate; kappa = 1 is the Gaussian limit.
func linearCurve(label string, zeta, kappa, top float64, pen figure.Pen) figure.Curve {
	c := figure.Curve{Label: label, Pen: pen}
	for _, rate := range ladder(0.01, top, 150) {
		c.Points = append(c.Points, plotter.XY{X: rate, Y: linearOnImages(rate, zeta, kappa)})
	}
	return c
}

// asExpected claims that the error on training images is the theory's for rows of their norms.
func asExpected(row reproduce.Row) reproduce.Claim {
	return reproduce.OldEqual(fmt.Sprintf("r = %.3g, p = %g: trained error, beside the theory with the norms' κ = %.3f", row.Num("rate"), row.Num("p"), row.Num("norm_factor")),
		reproduce.Exact(row.Num("train_mse")), reproduce.Exact(row.Num("expected")), reproduce.OldTolerance{Relative: imageTolerance})
}

// imageTolerance is the tolerance for the error on images beside the theory. On other classes, where training can learn little
// by heart (masked images), the same training is off by 2 to 3 %. A mean over the last steps has about 1 % of noise.
const imageTolerance = 0.05

// linearClaims are the claims of Figures 3 and 11: the error is the Gaussian limit up to the spread of norms, and never below
// the limit.
func linearClaims(r *reproduce.Results, zeta float64) []reproduce.Claim {
	var claims []reproduce.Claim
	for _, row := range finals(r) {
		rate, found := row.Num("rate"), reproduce.Exact(row.Num("train_mse"))
		claims = append(claims, asExpected(row),
			reproduce.OldAbove(fmt.Sprintf("r = %.3g: trained error, beside the Gaussian limit less 1 %%", rate), found, reproduce.Exact(0.99*linearOnImages(rate, zeta, 1)), 0))
	}
	return claims
}
