package kogler

import (
	"fmt"
	"math"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train"
)

// figure15: Figure 5 with the two tanh of eq. (112), which contain the posterior mean exactly where K ≥ 1.
func figure15() *reproduce.Experiment {
	f := transition{
		model: train.ModelConfig{Name: "denoiser", Denoiser: "t1"}, data: "sparse-rademacher", unstable: 1.0 / 3,
		recipes: recipes{
			reproduce.Quick: {dim: 64, steps: 9000, batch: 128, seeds: 7, // at p = 0.6 seeds are on their way, and differ
				learningRate: 0.007, epsilon: 1e-6, project: true,
				p: []float64{0.2, 0.4, 0.8, 0.9}, near: []float64{0.5, 0.52, 0.54, 0.56, 0.6, 0.64, 0.7},
				grid: []gridPoint{{0.62, 6}, {0.66, 7}, {0.68, 3}}},
			reproduce.Paper: {dim: 80, steps: 18000, batch: 128, seeds: 5, learningRate: 0.0056, epsilon: 1e-6, project: true,
				p: []float64{0.2, 0.4, 0.8, 0.9}, near: []float64{0.48, 0.5, 0.52, 0.54, 0.56, 0.6, 0.64, 0.7},
				grid: []gridPoint{{0.62, 5}, {0.66, 12}, {0.68, 3}}, more: gridPoint{0.66, 16}}, // at p = 0.66 some seeds end at 0.331, the others at 0.34
		},
		contested: []float64{belowGaussP, 0.62, 0.64, 0.66, 0.68, 0.7},
	}
	return &reproduce.Experiment{
		Name: "kogler-fig15", Paper: paperName,
		Title:   "Error against p at r = 1, sparse Rademacher data, denoiser (112), with three lines of theory",
		Claim:   "SGD with the tanh mixture (112) follows the Haar posterior mean, then 1 − p, and is below R_Gauss everywhere.",
		Minutes: reproduce.Minutes{Quick: 0.75, Paper: 3.5},
		Columns: reproduce.TrainingColumns,
		Cells:   f.cells,
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) {
			return f.figures(r, "kogler-fig15", "Sparse Rademacher data, r = 1, denoiser of two tanh, eq. (112)",
				"The family contains the optimal denoiser exactly up to p = 0.76.")
		},
		Claims: func(r *reproduce.Results) ([]reproduce.Claim, error) {
			claims, err := f.claims(r)
			if err != nil {
				return nil, err
			}
			return append(claims, f.belowGauss(finals(r))), nil
		},
	}
}

// belowGaussP is near where the trained error is largest.
const belowGaussP = 0.6

// belowGauss claims that a trained denoiser is below every linear decoder behind a Haar encoder, where the trained error is largest. On the
// branches this follows from the claims on the error.
func (f transition) belowGauss(rows []reproduce.Row) reproduce.Claim {
	at := reproduce.Where(rows, "p", belowGaussP)
	gap := math.Abs(at[0].Num("haar") - at[0].Num("identity"))
	return reproduce.Below(fmt.Sprintf("p = %g: trained error below R_Gauss", belowGaussP), mse(at), reproduce.ClosedForm(amp.RGauss(1)), gap).
		Deviates(drawn, f.nearby(belowGaussP, 1, at).Corrected...)
}
