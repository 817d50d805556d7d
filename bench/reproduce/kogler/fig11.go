package kogler

import (
	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
)

// fig11Zeta is the share of directions without variance of MNIST's threes: 72 of 784, below 1e-6 of the largest eigenvalue.
const fig11Zeta = 72.0 / 784

// figure11: images with empty borders. Their covariance has zero eigenvalues. The paper's digit and sparsity are lost.
func figure11() *reproduce.Experiment {
	f := images{
		model: train.ModelConfig{Name: "shallow"},
		data:  train.DataConfig{Name: "mnist", SetConfig: train.SetConfig{Class: "3"}},
		recipes: recipes{
			reproduce.Quick: {dim: 784, steps: 1000, batch: 128, seeds: 1, p: []float64{0.8}, rates: []float64{0.25, 0.5, 1, 1.25}},
			reproduce.Paper: {dim: 784, steps: 10000, batch: 256, seeds: 1, p: []float64{0.8}, rates: []float64{0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.25, 1.5}},
		},
	}
	return &reproduce.Experiment{
		Name: "kogler-fig11", Paper: paperName,
		Title:   "Error against the rate, one digit of MNIST, whitened and masked, linear decoder",
		Claim:   "With a share ζ of directions without variance the error is (1 − ζ)·R_Gauss(r/(1 − ζ)), with its kink at r = 1 − ζ, up to the spread of the images' norms.",
		Minutes: reproduce.Minutes{Quick: 0.5, Paper: 8},
		Columns: imageColumns,
		Cells:   f.cells,
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) {
			c := figure.Chart{
				Title: "MNIST, digit 3, whitened, p = 0.8, linear decoder", X: axisRate, Y: "MSE per coordinate of the full space", XMax: 1.5, YMax: 1,
			}
			c.Add(
				linearCurve("R_Gauss, full rank", 0, 1, 1.5, figure.Dot(figure.Grey)),
				linearCurve("with the share ζ", fig11Zeta, 1, 1.5, figure.Solid(figure.Blue)),
				linearCurve("and the norms' spread", fig11Zeta, normFactor(r, 0.8), 1.5, figure.Dash(figure.Blue)),
			)
			c.Mark(onImages("trained, d = 784, on training images", finals(r)))
			return []reproduce.Figure{{Name: "kogler-fig11", Paint: c.Paint, Caption: "ζ = 0.092 of the directions have no variance; the kink is at r = 1 − ζ."}}, nil
		},
		Claims: func(r *reproduce.Results) ([]reproduce.Claim, error) { return linearClaims(r, fig11Zeta), nil },
	}
}
