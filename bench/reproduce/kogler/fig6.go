package kogler

import (
	"fmt"

	"gonum.org/v1/plot/vg/draw"

	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
)

// imagesAndLaplace is Figure 6: behind a fixed Haar encoder, decoder and denoiser are trained on images, and on i.i.d. Laplace data of the
// same sparsity. The paper's sparsities are lost.
type imagesAndLaplace struct {
	images
	laplace recipes
}

func figure6() *reproduce.Experiment {
	p, rates := []float64{1, 0.5}, []float64{0.1, 0.25, 0.5, 0.75, 1}
	f := imagesAndLaplace{
		images: images{
			model: train.ModelConfig{Name: "denoiser", Encoder: "haar"},
			data:  train.DataConfig{Name: "cifar10", SetConfig: train.SetConfig{Class: "automobile", Channel: "green"}},
			recipes: recipes{
				reproduce.Quick: {dim: 1024, steps: 1000, batch: 128, seeds: 1, p: p, rates: []float64{0.25, 0.5, 1}},
				reproduce.Paper: {dim: 1024, steps: 8000, batch: 256, seeds: 1, p: p, rates: rates},
			},
		},
		laplace: recipes{
			reproduce.Quick: {dim: 200, steps: 2000, batch: 128, seeds: 1, p: p, rates: rates},
			reproduce.Paper: {dim: 1024, steps: 8000, batch: 256, seeds: 1, p: p, rates: rates},
		},
	}
	return &reproduce.Experiment{
		Name: "kogler-fig6", Paper: paperName,
		Title:   "Error against the rate, whitened CIFAR-10 and i.i.d. Laplace data, two sparsities, Haar encoder with trained denoiser",
		Claim:   "Masked images gain from a denoiser as i.i.d. sparse Laplace data do, more the sparser they are.",
		Minutes: reproduce.Minutes{Quick: 0.8, Paper: 12},
		Columns: imageColumns,
		Cells:   f.cells,
		Figures: fig6Figures,
		Claims:  fig6Claims,
	}
}

func (f imagesAndLaplace) cells(p reproduce.Params) ([]reproduce.Cell, error) {
	cells, err := f.images.cells(p)
	if err != nil {
		return nil, err
	}
	r, err := f.laplace.at(p.Scale)
	if err != nil {
		return nil, err
	}
	return append(cells, cellsOf(r.perRate(p, laplaceData, f.model, laplaceData))...), nil
}

const laplaceData = "sparse-laplace"

func fig6Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	c := figure.Chart{Title: "CIFAR-10 automobiles, green, whitened, Haar encoder", X: axisRate, Y: axisMSE, XMax: 1.02, YMax: 1.02}
	c.Add(linearCurve("linear, i.i.d. data", 0, 1, 1, figure.Dash(figure.Grey)))
	for i, p := range []float64{1, 0.5} {
		theory, err := predict(laplaceData, []float64{p}, ladder(0.02, 1, 49))
		if err != nil {
			return nil, err
		}
		c.Add(curve(fmt.Sprintf("sparse Laplace, p = %g", p), theory, overRate, figure.Solid(figure.Colour(i)), denoiser))
		laplace := trained(fmt.Sprintf("trained on Laplace data, p = %g", p), reproduce.Where(finals(r), "p", p, "data", laplaceData), "rate", figure.Colour(i))
		laplace.Shape, laplace.Errors = draw.RingGlyph{}, nil // below 0.001: smaller than a ring
		images := reproduce.Where(finals(r), "p", p, "data", "cifar10")
		found := onImages(fmt.Sprintf("on images, p = %g", p), images)
		found.Colour = figure.Colour(i)
		c.Mark(laplace, found)
		c.Add(figure.Curve{Label: fmt.Sprintf("images, p = %g", p), Points: reproduce.Points(images, "rate", "expected"), Pen: figure.Dot(figure.Colour(i))})
	}
	return []reproduce.Figure{{Name: "kogler-fig6", Paint: c.Paint, Caption: "Solid: i.i.d. Laplace data behind a Haar encoder, d → ∞. Dotted: the images' own pixels and norms."}}, nil
}

// fig6Claims: the denoiser's error is the theory's for pixels of images, and below the linear decoder's. The spread of norms
// makes the error larger than on i.i.d. Laplace data, by less than 5 % up to r = 0.5.
func fig6Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	for _, row := range reproduce.Where(finals(r), "data", laplaceData) {
		claims = append(claims, atTheory(fmt.Sprintf("r = %.3g, p = %g: i.i.d. Laplace data, beside the theory at d = %g", row.Num("rate"), row.Num("p"), row.Num("dim")), []reproduce.Row{row}))
	}
	onImages := reproduce.Where(finals(r), "data", "cifar10")
	for _, row := range onImages {
		p, rate, found := row.Num("p"), row.Num("rate"), reproduce.Exact(row.Num("train_mse"))
		claims = append(claims, asExpected(row))
		if rate <= 0.5 {
			t, err := predict(laplaceData, []float64{p}, []float64{rate})
			if err != nil {
				return nil, err
			}
			claims = append(claims, reproduce.OldEqual(fmt.Sprintf("r = %.3g, p = %g: error on images, beside sparse Laplace data", rate, p), found,
				reproduce.Exact(t[0].Denoiser), reproduce.OldTolerance{Relative: 0.05}))
		}
		claims = append(claims, reproduce.OldBelow(fmt.Sprintf("r = %.3g, p = %g: below the linear decoder on the same images", rate, p), found,
			reproduce.Exact(linearOnImages(rate, 0, row.Num("norm_factor"))), 0))
	}
	for _, rate := range reproduce.Distinct(onImages, "rate") {
		at := func(p float64) reproduce.Estimate {
			return reproduce.Exact(reproduce.Pick(onImages, "rate", rate, "p", p).Num("train_mse"))
		}
		claims = append(claims, reproduce.OldBelow(fmt.Sprintf("r = %.3g: p = 0.5 below p = 1", rate), at(0.5), at(1), 0))
	}
	return claims, nil
}
