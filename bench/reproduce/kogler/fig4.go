package kogler

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"

	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
)

const fig4P = 0.4

var fig4Recipes = recipes{
	reproduce.Quick: {dim: 100, steps: 10000, batch: 128, seeds: 2, p: []float64{fig4P}, rates: []float64{0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5}},
	reproduce.Paper: {dim: 200, steps: 30000, batch: 256, seeds: 3, p: []float64{fig4P}, rates: []float64{0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5}},
	reproduce.Large: {dim: 4096, steps: 20000, batch: 4096, seeds: 1, p: []float64{fig4P}, rates: []float64{0.25, 0.5, 1, 1.5}},
}

// figure4: the denoising autoencoder on sparse Gaussian data against the rate.
func figure4() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "kogler-fig4", Paper: paperName,
		Title:   "Error against the rate, sparse Gaussian data, p = 0.4, denoiser; heat map of BBᵀ",
		Claim:   "The encoder stays Haar-like, BBᵀ ≈ I and A ≈ αBᵀ, and the error is the Haar denoiser's, below R_Gauss.",
		Minutes: reproduce.Minutes{Quick: 0.3, Paper: 4},
		Columns: reproduce.TrainingColumns,
		Cells: func(p reproduce.Params) ([]reproduce.Cell, error) {
			r, err := fig4Recipes.at(p.Scale)
			if err != nil {
				return nil, err
			}
			trainings := r.perRate(p, "denoiser", train.ModelConfig{Name: "denoiser"}, "sparse-gaussian")
			for i := range trainings {
				if trainings[i].Config.Model.Rate == 1 {
					trainings[i].Encoders = []float64{fig4P}
				}
			}
			return cellsOf(trainings), nil
		},
		Figures: fig4Figures,
		Claims:  fig4Claims,
	}
}

func fig4Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	theory, err := predict("sparse-gaussian", []float64{fig4P}, ladder(0.01, 1.5, 149))
	if err != nil {
		return nil, err
	}
	c := figure.Chart{Title: "Sparse Gaussian data, p = 0.4, denoiser", X: axisRate, Y: axisMSE, XMax: 1.55}
	c.Add(
		curve("linear decoder", theory, overRate, figure.Dash(figure.Grey), gaussian),
		curve("denoiser", theory, overRate, figure.Solid(figure.Blue), denoiser),
		figure.Curve{
			Label:  fmt.Sprintf("denoiser, d = %g", finals(r)[0].Num("dim")),
			Points: reproduce.Points(firstSeeds(finals(r)), "rate", "haar"), Pen: figure.Dot(figure.Blue),
		},
	)
	c.Mark(trained("trained, "+seedsOf(finals(r)), finals(r), "rate", figure.Vermilion))
	b, err := r.Matrix(reproduce.EncoderName("denoiser-r1", fig4P))
	if err != nil {
		return nil, err
	}
	name, m := gram(b)
	return []reproduce.Figure{{
		Name: "kogler-fig4", Width: 11 * vg.Inch, Height: 4.8 * vg.Inch,
		Caption: "Left: BBᵀ of a trained encoder at r = 1. Right: error against the rate, and the theory in the limit and at this d.",
		Paint: figure.Row([]float64{1, 1.75},
			figure.Square(figure.HeatMap{Title: name + ", r = 1", M: cut(m)}.Paint), c.Paint),
	}}, nil
}

// firstSeeds keeps one row for each rate.
func firstSeeds(rows []reproduce.Row) []reproduce.Row {
	var out []reproduce.Row
	for _, rate := range reproduce.Distinct(rows, "rate") {
		out = append(out, reproduce.Pick(rows, "rate", rate))
	}
	return out
}

func fig4Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	for _, rate := range reproduce.Distinct(finals(r), "rate") {
		rows := reproduce.Where(finals(r), "rate", rate)
		claims = append(claims, atTheory(fmt.Sprintf("r = %g: trained error is the denoiser's", rate), rows))
		if rate >= 0.25 { // at r = 0.1 the two lines are 0.1 % apart
			linear, err := linearAt(rows[0])
			if err != nil {
				return nil, err
			}
			claims = append(claims, reproduce.OldBelow(fmt.Sprintf("r = %g: below the linear decoder's error at this d", rate), mse(rows), linear, 3))
		}
		if rate <= 1 {
			d := rows[0].Num("dim")
			claims = append(claims, reproduce.OldBelow(fmt.Sprintf("r = %g: off-diagonal of BBᵀ (RMS), beside that of random rows, 1/√d", rate),
				reproduce.Mean(rows, "gram_rms", ""), reproduce.Exact(1/math.Sqrt(d)), 3))
		}
		if rate >= 0.5 { // n = 10 rows at d = 100 and r = 0.1 do not fill the space: A is 30 % off αBᵀ there, 16 % at r = 0.25
			claims = append(claims, reproduce.OldBelow(fmt.Sprintf("r = %g: distance of A from αBᵀ, relative", rate), reproduce.Mean(rows, "tied", ""), reproduce.Exact(0.1), 3))
		}
	}
	return claims, nil
}
