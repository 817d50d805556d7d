package kogler

import (
	"autoamp/bench/reproduce"
	"autoamp/train"
)

// figure9: as Figure 1, for a sparse mixture of Gaussians. Its error above the transition is not linear in p. The
// paper's mixture is lost; m = 1 is amp/THEORY.md's choice.
func figure9() *reproduce.Experiment {
	f := transition{
		model: train.ModelConfig{Name: "shallow"}, data: "sparse-mixture",
		recipes: recipes{
			reproduce.Quick: {dim: 100, steps: 40000, batch: 128, seeds: 2, learningRate: 0.01,
				p: []float64{0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1}},
			reproduce.Paper: {dim: 200, steps: 60000, batch: 256, seeds: 3, learningRate: 0.003, project: true,
				p: []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1}},
		},
		below: 0.7, above: 0.9, encoders: []float64{0.6, 0.9},
	}
	return &reproduce.Experiment{
		Name: "kogler-fig9", Paper: paperName,
		Title:   "Error against p at r = 1, sparse mixture of Gaussians, linear decoder; heat maps of B",
		Claim:   "The Gaussian value up to p = 0.790, then the identity's error, which is not linear in p.",
		Minutes: reproduce.Minutes{Quick: 0.5, Paper: 28},
		Columns: reproduce.TrainingColumns,
		Cells:   f.cells,
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) {
			return f.figures(r, "kogler-fig9", "Sparse mixture of Gaussians (m = 1), r = 1, linear decoder",
				"Above: trained autoencoders and the two candidates, d → ∞; they cross at p = 0.790. Below: trained encoders.")
		},
		Claims: func(r *reproduce.Results) ([]reproduce.Claim, error) {
			claims, err := f.claims(r)
			return append(claims, bent(finals(r))), err
		},
	}
}

// bent claims that the error above the transition is not linear in p: at 0.95 it is above the chord. The chord ends
// in the theory's 0 at p = 1, because there training is slowest to find the last rows of a permutation.
func bent(rows []reproduce.Row) reproduce.Claim {
	low := mse(reproduce.Where(rows, "p", 0.9))
	return reproduce.OldAbove("p = 0.95: trained error lies above the chord from that at p = 0.9 to 0 at p = 1, so the curve bends",
		mse(reproduce.Where(rows, "p", 0.95)), reproduce.Estimate{Value: low.Value / 2, Stderr: low.Stderr / 2}, 3)
}
