package kogler

import (
	"autoamp/bench/reproduce"
	"autoamp/train"
)

// figure5 is the error against p with a denoiser. The denoiser moves the Haar branch and the transition. It does not move the
// identity branch.
//
// At d = 100 training stops at 30 000 steps. After 20 000 steps some rows still share a coordinate at p = 0.8 and above. After
// 40 000 steps the surrogate gradient has begun to draw the encoder at p = 0.5 towards a permutation, whose error is 0.4 to
// 2.9 % above the error of the Haar candidate; the exact number depends on how the processor rounds.
//
// At d = 200 rows are projected as in Figure 1. Behind a permutation the tanh may saturate. The gradients then nearly vanish,
// and Adam turns the rest of them into whole steps. Along these steps the decoder drifts until the error jumps: to 0.74 at
// d = 200, p = 0.8 with an epsilon of 1e-8.
func figure5() *reproduce.Experiment {
	f := transition{
		model: train.ModelConfig{Name: "denoiser", Denoiser: "t2"}, data: "sparse-rademacher",
		recipes: recipes{
			reproduce.Quick: {dim: 100, steps: 30000, batch: 128, seeds: 2, learningRate: 0.005,
				p: []float64{0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1}},
			reproduce.Paper: {dim: 200, steps: 40000, batch: 256, seeds: 3, learningRate: 0.003, epsilon: 1e-6, project: true,
				p: []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9, 1}},
		},
		below: 0.5, above: 0.7,
	}
	return &reproduce.Experiment{
		Name: "kogler-fig5", Paper: paperName,
		Title:   "Error against p at r = 1, sparse Rademacher data, denoiser",
		Claim:   "SGD ends at the Haar denoiser's error below the transition, now at p = 0.669, and at 1 − p above.",
		Minutes: reproduce.Minutes{Quick: 0.4, Paper: 20},
		Columns: reproduce.TrainingColumns,
		Cells:   f.cells,
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) {
			return f.figures(r, "kogler-fig5", "Sparse Rademacher data, r = 1, decoder with denoiser",
				"A mixture of tanh as denoiser (T2). Candidates at d → ∞; they cross at p = 0.669.")
		},
		Claims: f.claims,
	}
}
