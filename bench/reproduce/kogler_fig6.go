package reproduce

import (
	"fmt"

	"autoamp/train"
	"autoamp/train/figure"
)

// koglerFig6: behind a fixed Haar encoder, decoder and denoiser are trained on images; i.i.d. Laplace data of the same
// sparsity have about the same error. The paper's sparsities are lost.
func koglerFig6() *Experiment {
	f := images{
		model: train.ModelConfig{Name: "denoiser", Encoder: "haar"},
		data:  train.DataConfig{Name: "cifar10", SetConfig: train.SetConfig{Class: "automobile", Channel: "green"}},
		recipes: recipes{
			Quick: {dim: 1024, steps: 1000, batch: 128, seeds: 1, p: []float64{1, 0.5}, rates: []float64{0.25, 0.5, 1}},
			Paper: {dim: 1024, steps: 8000, batch: 256, seeds: 1, p: []float64{1, 0.5}, rates: []float64{0.1, 0.25, 0.5, 0.75, 1}},
		},
	}
	return &Experiment{
		Name: "kogler-fig6", Paper: koglerPaper,
		Title:   "Error against the rate, whitened CIFAR-10, two sparsities, Haar encoder with trained denoiser",
		Claim:   "Masked images gain from a denoiser as i.i.d. sparse Laplace data do, more the sparser they are.",
		Minutes: Minutes{Quick: 0.6, Paper: 10},
		Columns: imageColumns,
		Cells:   f.cells,
		Figures: func(r *Results) ([]Figure, error) {
			c := figure.Chart{Title: "CIFAR-10 automobiles, green, whitened, Haar encoder", X: axisRate, Y: axisMSE, XMax: 1.02, YMax: 1.02}
			c.Add(linearCurve("linear decoder", 0, 1, 1, figure.Dash(figure.Grey)))
			for i, p := range []float64{1, 0.5} {
				theory, err := predict("sparse-laplace", []float64{p}, ladder(0.02, 1, 49))
				if err != nil {
					return nil, err
				}
				c.Add(curve(fmt.Sprintf("sparse Laplace, p = %g", p), theory, overRate, figure.Solid(figure.Colour(i)), denoiser))
				m := onImages(fmt.Sprintf("trained on images, p = %g", p), Where(finals(r), "p", p))
				m.Colour = figure.Colour(i)
				c.Mark(m)
			}
			return []Figure{{Name: "kogler-fig6", Paint: c.Paint, Caption: "Lines: i.i.d. Laplace data behind a Haar encoder, d → ∞."}}, nil
		},
		Claims: fig6Claims,
	}
}

// fig6Claims: the denoiser's error is the theory's for pixels of images, and below the linear decoder's. Beside i.i.d. Laplace
// data the spread of norms costs, up to r = 0.5 less than 5 %.
func fig6Claims(r *Results) ([]Claim, error) {
	var claims []Claim
	for _, row := range finals(r) {
		p, rate, found := row.Num("p"), row.Num("rate"), Exact(row.Num("train_mse"))
		claims = append(claims, asExpected(row))
		if rate <= 0.5 {
			t, err := predict("sparse-laplace", []float64{p}, []float64{rate})
			if err != nil {
				return nil, err
			}
			claims = append(claims, Equal(fmt.Sprintf("r = %.3g, p = %g: error on images, beside sparse Laplace data", rate, p), found,
				Exact(t[0].Denoiser), Tolerance{Relative: 0.05}))
		}
		claims = append(claims, Below(fmt.Sprintf("r = %.3g, p = %g: below the linear decoder on the same images", rate, p), found,
			Exact(linearOnImages(rate, 0, row.Num("norm_factor"))), 0))
	}
	for _, rate := range Distinct(finals(r), "rate") {
		at := func(p float64) Estimate { return Exact(Pick(finals(r), "rate", rate, "p", p).Num("train_mse")) }
		claims = append(claims, Below(fmt.Sprintf("r = %.3g: p = 0.5 below p = 1", rate), at(0.5), at(1), 0))
	}
	return claims, nil
}
