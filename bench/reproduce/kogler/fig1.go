package kogler

import (
	"autoamp/bench/reproduce"
	"autoamp/train"
)

// figure1: the shallow autoencoder on sparse Rademacher data. The paper's transition is at p = 2/π. At τ = 0.1 training goes over to
// permutations earlier, given the steps, and then ends above the Haar candidate. The time to leave the Haar encoder grows with d:
// runs of 40 000 steps at d = 200 end near p = 0.6 as well, but on their way, with encoders between the two.
func figure1() *reproduce.Experiment {
	f := transition{
		model: train.ModelConfig{Name: "shallow"}, data: "sparse-rademacher", unstable: 1.0 / 3,
		recipes: recipes{
			reproduce.Quick: {dim: 64, steps: 9000, batch: 128, seeds: 4, learningRate: 0.007, project: true,
				p: []float64{0.2, 0.3, 0.8, 1}, near: []float64{0.44, 0.46, 0.48, 0.5, 0.52, 0.6, 0.64, 0.68},
				grid:  []gridPoint{{0.62, 4}, {0.66, 3}},
				early: []float64{0.52, 0.56, 0.6, 0.64, 0.7, 0.8}, descent: []float64{0.6}},
			reproduce.Paper: {dim: 100, steps: 20000, batch: 128, seeds: 5, learningRate: 0.0045, project: true,
				p: []float64{0.1, 0.3, 0.8, 1}, near: []float64{0.44, 0.46, 0.48, 0.5, 0.52, 0.6, 0.64, 0.68},
				grid: []gridPoint{{0.62, 5}, {0.66, 3}}, more: gridPoint{0.62, 4}, descent: []float64{0.6}},
			reproduce.Large: {dim: 4096, steps: 40000, batch: 4096, seeds: 3, learningRate: 0.003, project: true,
				p: []float64{0.3, 0.8, 0.9}, near: []float64{0.5, 0.6, 0.62, 0.64, 0.66, 0.68}},
		},
		contested: []float64{0.6, 0.62, 0.64, 0.66, 0.68}, encoders: []float64{0.3, 0.8},
	}
	return &reproduce.Experiment{
		Name: "kogler-fig1", Paper: paperName,
		Title:   "Error against p at r = 1, sparse Rademacher data, linear decoder; heat maps of B",
		Claim:   "SGD ends at min(R_Gauss, 1 − p): a Haar-like B below p = 2/π ≈ 0.64, a permutation above.",
		Minutes: reproduce.Minutes{Quick: 0.6, Paper: 4},
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
