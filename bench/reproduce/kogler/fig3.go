package kogler

import (
	"math"

	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
)

// figure3: whitened natural images behave as Gaussian data. The paper's class, channel and sparsity are lost.
func figure3() *reproduce.Experiment {
	f := images{
		model: train.ModelConfig{Name: "shallow"},
		data:  train.DataConfig{Name: "cifar10", SetConfig: train.SetConfig{Class: "automobile", Channel: "green"}},
		recipes: recipes{
			reproduce.Quick: {dim: 1024, steps: 2000, batch: 128, seeds: 1, learningRate: 0.001, p: []float64{0.8}, rates: []float64{0.1, 0.25, 0.5, 1}},
			reproduce.Paper: {dim: 1024, steps: 10000, batch: 256, seeds: 1, learningRate: 0.001, p: []float64{0.8}, rates: []float64{0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5}},
		},
	}
	return &reproduce.Experiment{
		Name: "kogler-fig3", Paper: paperName,
		Title:   "Error against the rate, one class of CIFAR-10, whitened and masked, linear decoder",
		Claim:   "Natural images, whitened, have the Gaussian error R_Gauss(r), up to the spread of their norms; other moments do not matter.",
		Minutes: reproduce.Minutes{Quick: 0.8, Paper: 10},
		Columns: imageColumns,
		Cells:   f.cells,
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) {
			c := figure.Chart{Title: "CIFAR-10 automobiles, green, whitened, p = 0.8, linear decoder", X: axisRate, Y: axisMSE, XMax: 1.5, YMax: 1.02}
			c.Add(
				linearCurve("R_Gauss", 0, 1, 1.5, figure.Solid(figure.Blue)),
				linearCurve("with the norms' spread", 0, normFactor(r, 0.8), 1.5, figure.Dash(figure.Blue)),
			)
			c.Mark(onImages("trained, d = 1024, on training images", finals(r)))
			return []reproduce.Figure{{Name: "kogler-fig3", Paint: c.Paint, Caption: "R_Gauss is the theory for Gaussian data; dashed, with the spread of the images' norms, which a code does not tell."}}, nil
		},
		Claims: func(r *reproduce.Results) ([]reproduce.Claim, error) {
			claims := linearClaims(r, 0)
			low := finals(r)[0] // its identity candidate has 1 − r(E|x|)²
			return append(claims, reproduce.OldBelow("(E|x|)² of the masked pixels, beside 2/π: the identity candidate is no better at any rate",
				reproduce.Exact((1-low.Num("identity"))/low.Num("rate")), reproduce.Exact(2/math.Pi), 0)), nil
		},
	}
}
