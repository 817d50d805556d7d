package kogler

import (
	"autoamp/bench/reproduce"
	"autoamp/train"
)

// figure8: a plateau at R_Gauss = 0.363, then a drop to 0.
func figure8() *reproduce.Experiment {
	f := staircase{
		model: train.ModelConfig{Name: "shallow", Tau: 0.1}, data: "sparse-rademacher",
		recipes: recipes{
			reproduce.Quick: {dim: 100, steps: 10000, batch: 128, seeds: 5, learningRate: 0.005, epsilon: 1e-8, project: true, p: []float64{1}},
			reproduce.Paper: {dim: 150, steps: 20000, batch: 256, seeds: 5, learningRate: 0.005, epsilon: 1e-8, project: true, p: []float64{1}},
		},
	}
	return &reproduce.Experiment{
		Name: "kogler-fig8", Paper: paperName,
		Title:   "Error against the step at r = 1, sparse Rademacher data, p = 1, linear decoder",
		Claim:   "A staircase: a plateau at R_Gauss = 0.363, then a drop to 0.",
		Minutes: reproduce.Minutes{Quick: 0.25, Paper: 1},
		Columns: reproduce.TrainingColumns,
		Cells:   f.cells,
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) {
			return f.figures(r, "kogler-fig8", "Sparse Rademacher data, p = 1, r = 1, linear decoder",
				"Test error of five seeds. The dashed lines are the two candidates at this d. The plateau lies above the Haar "+
					"candidate in proportion to the learning rate: grey is half of it, as far as the plateau.")
		},
		Claims: f.claims,
	}
}
