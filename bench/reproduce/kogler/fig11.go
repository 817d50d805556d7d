package kogler

import (
	"autoamp/bench/reproduce"
)

// threes is the class of Figure 11. The paper's digit and sparsity are lost.
var threes = imageClass{Set: "mnist", Class: "3"}

// figure11: images with empty borders. Their covariance has zero eigenvalues: 72 of 784 are below 1e-6 of the largest one, and 92 where
// the threes are repeated only until there are 16 384.
func figure11() *reproduce.Experiment {
	f := images{
		reproduce.Quick: besideHaar(
			imageGrid{threes.ofSize(quickImages), tiedDecoder, // errors on held-out images differ more between seeds than the others
				recipe{steps: 500, batch: 64, seeds: 6, learningRate: 0.003, p: []float64{0.8}, rates: []float64{0.5}}},
			imageGrid{threes.ofSize(quickImages), tiedDecoder,
				recipe{steps: 500, batch: 64, seeds: 3, learningRate: 0.003, p: []float64{0.8}, rates: []float64{1}}},
		),
		reproduce.Paper: besideHaar(imageGrid{threes, tiedDecoder,
			recipe{steps: 800, batch: 64, seeds: 3, learningRate: 0.003, p: []float64{0.8}, rates: []float64{0.25, 0.5, 1, 1.25}}}),
	}
	return &reproduce.Experiment{
		Name: "kogler-fig11", Paper: paperName,
		Title:   "Error against the rate, one digit of MNIST, whitened and masked, linear decoder",
		Claim:   "With a share ζ of directions without variance the error is (1 − ζ)·R_Gauss(r/(1 − ζ)), with its kink at r = 1 − ζ.",
		Minutes: reproduce.Minutes{Quick: 0.8, Paper: 7},
		Columns: imageColumns,
		Cells:   f.cells,
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) {
			return []reproduce.Figure{imageFigure(r, "kogler-fig11", "MNIST, digit 3, whitened, p = 0.8, linear decoder", "(1 − ζ)·R_Gauss(r/(1 − ζ))")}, nil
		},
		Claims: func(r *reproduce.Results) ([]reproduce.Claim, error) {
			var claims []reproduce.Claim
			for _, at := range imagePoints(r.Rows) {
				claims = append(claims, at.onLine())
			}
			return claims, nil
		},
	}
}
