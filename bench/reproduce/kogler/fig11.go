package kogler

import (
	"autoamp/bench/reproduce"
)

// threes and eights are the classes of Figure 11. The paper's digit and sparsity are lost.
var (
	threes = imageClass{Set: "mnist", Class: "3"}
	eights = imageClass{Set: "mnist", Class: "8"}
)

// figure11: images with empty borders. Their covariance has zero eigenvalues: of the threes 72 of 784 are below 1e-6 of the largest
// one, and 92 where they are repeated only until there are 16 384. Errors on held-out images differ more between seeds at r = 0.5.
func figure11() *reproduce.Experiment {
	half := recipe{steps: 500, batch: 64, seeds: 6, learningRate: 0.003, p: []float64{0.8}, rates: []float64{0.5}}
	one := recipe{steps: 500, batch: 64, seeds: 3, learningRate: 0.003, p: []float64{0.8}, rates: []float64{1}}
	beyond := one
	beyond.rates = []float64{1.25}
	f := images{
		reproduce.Quick: besideHaar(
			imageGrid{threes.ofSize(quickImages), tiedDecoder, plainAndKnown, half},
			imageGrid{threes.ofSize(quickImages), tiedDecoder, plainAndKnown, one},
			imageGrid{eights.ofSize(quickImages), tiedDecoder, plainAndKnown, one},
		),
		reproduce.Paper: besideHaar(
			imageGrid{threes, tiedDecoder, plainAndKnown, half},
			imageGrid{threes, tiedDecoder, allNorms, one},
			imageGrid{threes, tiedDecoder, plainAndKnown, beyond},
			imageGrid{eights, tiedDecoder, plainAndKnown, half},
			imageGrid{eights, tiedDecoder, allNorms, one},
			imageGrid{eights, tiedDecoder, plainAndKnown, beyond},
		),
	}
	return &reproduce.Experiment{
		Name: "kogler-fig11", Paper: paperName,
		Title:   "Error against the rate, two digits of MNIST, whitened and masked, linear decoder",
		Claim:   "With a share ζ of directions without variance the error is (1 − ζ)·R_Gauss(r/(1 − ζ)), with its kink at r = 1 − ζ.",
		Minutes: reproduce.Minutes{Quick: 0.8, Paper: 3},
		Columns: imageColumns,
		Cells:   f.cells,
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) {
			return imageFigures(r, "kogler-fig11", "MNIST", "(1 − ζ)·R_Gauss(r/(1 − ζ))"), nil
		},
		Claims: func(r *reproduce.Results) ([]reproduce.Claim, error) { return onLines(r), nil },
	}
}
