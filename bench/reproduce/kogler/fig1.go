package kogler

import (
	"autoamp/bench/reproduce"
	"autoamp/train"
)

// figure1: the shallow autoencoder on sparse Rademacher data changes from Haar to a permutation at p = 2/π.
//
// The surrogate's temperature τ = 0.1 favours permutations: from p = 0.55 on some seeds end near one, with an error up to
// 6 % above the Haar candidate's.
//
// At d = 200 rows are projected. Without projection their norms grow like the root of the steps, and after 60 000 steps the
// error is still 7 to 14 % above the identity's error for p = 0.7 to 0.8, at every learning rate. At d = 100 rows are not
// projected, since projection is not needed. With projection 30 000 steps are enough for the surrogate to draw the encoder to a
// permutation at p = 0.5 and 0.6 too, with errors 0.396 and 0.400.
func figure1() *reproduce.Experiment {
	f := transition{
		model: train.ModelConfig{Name: "shallow"}, data: "sparse-rademacher",
		recipes: recipes{
			reproduce.Quick: {dim: 100, steps: 30000, batch: 128, seeds: 2, learningRate: 0.01,
				p: []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.8, 0.9, 1}},
			reproduce.Paper: {dim: 200, steps: 40000, batch: 256, seeds: 3, learningRate: 0.003, project: true,
				p: []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.62, 0.64, 0.66, 0.7, 0.75, 0.8, 0.9, 1}},
			reproduce.Large: {dim: 4096, steps: 40000, batch: 4096, seeds: 1, learningRate: 0.003, project: true,
				p: []float64{0.3, 0.5, 0.6, 0.7, 0.8, 0.9}},
		},
		below: 0.5, above: 0.7, encoders: []float64{0.3, 0.8},
	}
	return &reproduce.Experiment{
		Name: "kogler-fig1", Paper: paperName,
		Title:   "Error against p at r = 1, sparse Rademacher data, linear decoder; heat maps of B",
		Claim:   "SGD ends at min(R_Gauss, 1 − p): a Haar-like B below p = 2/π ≈ 0.64, a permutation above.",
		Minutes: reproduce.Minutes{Quick: 0.4, Paper: 22},
		Columns: reproduce.TrainingColumns,
		Cells:   f.cells,
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) {
			return f.figures(r, "kogler-fig1", "Sparse Rademacher data, r = 1, linear decoder",
				"Above: error of trained autoencoders and of the two candidates, d → ∞; they cross at p = 2/π. "+
					"Below: trained encoders on either side of the transition.")
		},
		Claims: f.claims,
	}
}
