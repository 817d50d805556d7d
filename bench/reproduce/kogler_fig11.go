package reproduce

import (
	"math"

	"autoamp/amp"
	"autoamp/figure"
	"autoamp/train"
)

// fig11Zeta is the share of directions without variance of MNIST's threes: 72 of 784, below 1e-6 of the largest eigenvalue.
const fig11Zeta = 72.0 / 784

// koglerFig11: images with empty borders, whose covariance has zeros. The paper's digit and sparsity are lost.
func koglerFig11() *Experiment {
	f := images{
		model: train.ModelConfig{Name: "shallow"},
		data:  train.DataConfig{Name: "mnist", SetConfig: train.SetConfig{Class: "3"}},
		recipes: recipes{
			Quick: {dim: 784, steps: 1000, batch: 128, seeds: 1, p: []float64{0.8}, rates: []float64{0.25, 0.5, 1, 1.25}},
			Paper: {dim: 784, steps: 10000, batch: 256, seeds: 1, p: []float64{0.8}, rates: []float64{0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.25, 1.5}},
		},
	}
	return &Experiment{
		Name: "kogler-fig11", Paper: koglerPaper,
		Title:   "Error against the rate, one digit of MNIST, whitened and masked, linear decoder",
		Claim:   "With a share ζ of directions without variance the error is (1 − ζ)·R_Gauss(r/(1 − ζ)), with its kink at r = 1 − ζ.",
		Minutes: Minutes{Quick: 0.5, Paper: 8},
		Columns: TrainingColumns,
		Cells:   f.cells,
		Figures: func(r *Results) ([]Figure, error) {
			c := figure.Chart{
				Title: "MNIST, digit 3, whitened, p = 0.8, linear decoder", X: axisRate, Y: "MSE per coordinate of the full space", XMax: 1.5, YMax: 1,
			}
			c.Add(
				rGauss("R_Gauss, full rank", 0, 1.5, figure.Dash(figure.Grey)),
				rGauss("with the share ζ", fig11Zeta, 1.5, figure.Solid(figure.Blue)),
			)
			c.Mark(onImages("trained, d = 784, on training images", finals(r)))
			return []Figure{{Name: "kogler-fig11", Paint: c.Paint, Caption: "ζ = 0.092 of the directions have no variance; the kink is at r = 1 − ζ."}}, nil
		},
		Claims: func(r *Results) ([]Claim, error) {
			var claims []Claim
			for _, row := range finals(r) {
				claims = append(claims, atRate("trained error, beside the degenerate Gaussian value", row,
					amp.DegenerateRGauss(row.Num("rate"), fig11Zeta), 0.05))
			}
			nearer := 0.0
			for _, row := range finals(r) {
				rate, found := row.Num("rate"), row.Num("train_mse")
				if math.Abs(found-amp.DegenerateRGauss(rate, fig11Zeta)) < math.Abs(found-amp.RGauss(rate)) {
					nearer++
				}
			}
			all := float64(len(finals(r)))
			return append(claims, Check("rates at which the error is nearer to the degenerate value than to R_Gauss", Exact(nearer), Exact(all),
				"all", nearer == all)), nil
		},
	}
}
