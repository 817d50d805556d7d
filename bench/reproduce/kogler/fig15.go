package kogler

import (
	"fmt"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train"
)

// figure15: Figure 5 with the two tanh of eq. (112), which contain the posterior mean exactly where K ≥ 1.
func figure15() *reproduce.Experiment {
	f := transition{
		model: train.ModelConfig{Name: "denoiser", Denoiser: "t1"}, data: "sparse-rademacher",
		recipes: recipes{
			reproduce.Quick: {dim: 100, steps: 30000, batch: 128, seeds: 2, learningRate: 0.01, p: []float64{0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 0.9}},
			reproduce.Paper: {dim: 200, steps: 40000, batch: 256, seeds: 3, learningRate: 0.003, epsilon: 1e-6, project: true,
				p: []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1}},
		},
		below: 0.5, above: 0.7,
	}
	return &reproduce.Experiment{
		Name: "kogler-fig15", Paper: paperName,
		Title:   "Error against p at r = 1, sparse Rademacher data, denoiser (112), with three lines of theory",
		Claim:   "SGD with the tanh mixture (112) follows the Haar posterior mean, then 1 − p, and is below R_Gauss everywhere.",
		Minutes: reproduce.Minutes{Quick: 0.35, Paper: 17},
		Columns: reproduce.TrainingColumns,
		Cells:   f.cells,
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) {
			return f.figures(r, "kogler-fig15", "Sparse Rademacher data, r = 1, denoiser of two tanh, eq. (112)",
				"The family contains the optimal denoiser exactly up to p = 0.76.")
		},
		Claims: func(r *reproduce.Results) ([]reproduce.Claim, error) {
			claims, err := f.claims(r)
			for _, p := range reproduce.Distinct(finals(r), "p") {
				claims = append(claims, reproduce.OldBelow(fmt.Sprintf("p = %g: trained error below R_Gauss", p), mse(reproduce.Where(finals(r), "p", p)), reproduce.Exact(amp.RGauss(1)), 3))
			}
			return claims, err
		},
	}
}
