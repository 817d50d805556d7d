package kogler

import (
	"autoamp/bench/reproduce"
	"autoamp/train"
)

// figure16: a plateau at the Haar denoiser's 0.31, then a drop to 1 − p = 0.2. The paper's p is lost; p = 0.8 is amp/THEORY.md's choice.
func figure16() *reproduce.Experiment {
	f := staircase{
		model: train.ModelConfig{Name: "denoiser", Denoiser: "t1", Tau: 0.1}, data: "sparse-rademacher",
		recipes: recipes{
			reproduce.Quick: {dim: 100, steps: 14000, batch: 128, seeds: 5, learningRate: 0.005, epsilon: 1e-8, project: true, p: []float64{0.8}},
			reproduce.Paper: {dim: 150, steps: 24000, batch: 256, seeds: 5, learningRate: 0.005, epsilon: 1e-8, project: true, p: []float64{0.8}},
		},
	}
	return &reproduce.Experiment{
		Name: "kogler-fig16", Paper: paperName,
		Title:   "Error against the step at r = 1, sparse Rademacher data, p = 0.8, denoiser",
		Claim:   "A staircase: a plateau at the Haar denoiser's 0.31, then a drop to 1 − p = 0.2.",
		Minutes: reproduce.Minutes{Quick: 0.25, Paper: 1},
		Columns: reproduce.TrainingColumns,
		Cells:   f.cells,
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) {
			return f.figures(r, "kogler-fig16", "Sparse Rademacher data, p = 0.8, r = 1, denoiser",
				"Test error of five seeds. The dashed lines are the two candidates at this d. The plateau lies above the Haar "+
					"candidate in proportion to the learning rate: grey is half of it, as far as the plateau.")
		},
		Claims: f.claims,
	}
}
