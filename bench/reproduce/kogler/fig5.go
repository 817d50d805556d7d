package kogler

import (
	"autoamp/bench/reproduce"
	"autoamp/train"
)

// figure5 is the error against p with a denoiser. The denoiser moves the Haar branch and the paper's transition, to p = 0.669. It
// does not move the identity branch.
//
// Behind a permutation the tanh may saturate. The gradients then nearly vanish, and Adam turns the rest of them into whole steps.
// Along these steps the decoder drifts until the error jumps: to 0.74 at d = 200, p = 0.8 with an epsilon of 1e-8, and to 0.364 for one
// of four seeds at d = 64, p = 0.7 with a learning rate of 0.007 instead of 0.005.
func figure5() *reproduce.Experiment {
	f := transition{
		model: train.ModelConfig{Name: "denoiser", Denoiser: "t2"}, data: "sparse-rademacher", unstable: 1.0 / 3,
		recipes: recipes{
			reproduce.Quick: {dim: 64, steps: 10000, batch: 128, seeds: 4, learningRate: 0.005, epsilon: 1e-6, project: true,
				p: []float64{0.2, 0.3, 0.8, 1}, near: []float64{0.48, 0.5, 0.52, 0.54, 0.56, 0.6, 0.64, 0.7},
				grid: []gridPoint{{0.62, 6}, {0.66, 6}, {0.68, 3}}},
			reproduce.Paper: {dim: 80, steps: 25000, batch: 128, seeds: 5, learningRate: 0.004, epsilon: 1e-6, project: true,
				p: []float64{0.1, 0.3, 0.8, 1}, near: []float64{0.48, 0.5, 0.52, 0.54, 0.56, 0.6, 0.64, 0.7},
				grid: []gridPoint{{0.62, 5}, {0.66, 5}, {0.68, 3}}},
		},
		contested: []float64{0.6, 0.62, 0.64, 0.66, 0.68, 0.7},
	}
	return &reproduce.Experiment{
		Name: "kogler-fig5", Paper: paperName,
		Title:   "Error against p at r = 1, sparse Rademacher data, denoiser",
		Claim:   "SGD ends at the Haar denoiser's error below the transition, now at p = 0.669, and at 1 − p above.",
		Minutes: reproduce.Minutes{Quick: 0.85, Paper: 3.5},
		Columns: reproduce.TrainingColumns,
		Cells:   f.cells,
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) {
			return f.figures(r, "kogler-fig5", "Sparse Rademacher data, r = 1, decoder with denoiser",
				"A mixture of tanh as denoiser (T2). Candidates at d → ∞; they cross at p = 0.669.")
		},
		Claims: f.claims,
	}
}
