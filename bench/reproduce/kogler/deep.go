package kogler

import (
	"context"
	"fmt"

	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
)

// deepDecoders is a claim of the text, without a figure: a deep fully connected decoder does no better than eq. (4). The
// architecture is amp/THEORY.md's choice.
func deepDecoders() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "kogler-deep", Paper: paperName,
		Title:   "Error of fully connected decoders of one to three hidden layers, beside the denoiser's",
		Claim:   "More layers without structure do not help: no fully connected decoder is better than the denoiser, eq. (4).",
		Minutes: reproduce.Minutes{Quick: 0.7, Paper: 25},
		Columns: append([]string{"depth"}, reproduce.TrainingColumns...),
		Cells:   deepCells,
		Figures: deepFigures,
		Claims:  deepClaims,
	}
}

// deepCases are the laws and rates at which the decoders are compared.
var deepCases = []struct{ p, rate float64 }{{0.2, 0.5}, {0.4, 1}}

var deepRecipes = recipes{
	reproduce.Quick: {dim: 50, steps: 12000, batch: 128, seeds: 2},
	reproduce.Paper: {dim: 100, steps: 40000, batch: 256, seeds: 3},
}

func deepCells(p reproduce.Params) ([]reproduce.Cell, error) {
	r, err := deepRecipes.at(p.Scale)
	if err != nil {
		return nil, err
	}
	var cells []reproduce.Cell
	for _, c := range deepCases {
		r.p = []float64{c.p}
		for depth := 0; depth <= 3; depth++ {
			model := train.ModelConfig{Name: "deep", Rate: c.rate, Depth: depth}
			if depth == 0 {
				model = train.ModelConfig{Name: "denoiser", Rate: c.rate}
			}
			t := reproduce.Training{Name: fmt.Sprintf("depth%d-p%g-r%g", depth, c.p, c.rate), Config: r.config(p, model, "sparse-gaussian")}
			cells = append(cells, withColumn(t.Cell(), "depth", depth))
		}
	}
	return cells, nil
}

func deepFigures(r *reproduce.Results) ([]reproduce.Figure, error) {
	c := figure.Chart{
		Title: "Sparse Gaussian data, fully connected decoders", X: "hidden layers of the decoder (0: denoiser)", Y: axisMSE,
		XMin: -0.2, XMax: 3.2, YMax: 0.75,
	}
	for i, at := range deepCases {
		rows := reproduce.Where(finals(r), "p", at.p, "rate", at.rate)
		name := fmt.Sprintf("p = %g, r = %g", at.p, at.rate)
		c.Level(rows[0].Num("expected"), "denoiser, theory, "+name, figure.Dash(figure.Colour(i)))
		c.Mark(trained("trained, "+name+", "+seedsOf(rows), rows, "depth", figure.Colour(i)))
	}
	return []reproduce.Figure{{Name: "kogler-deep", Paint: c.Paint, Caption: "Width 4d, ReLU. The dashed lines are the Haar denoiser's error at this d."}}, nil
}

func deepClaims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	for _, at := range deepCases {
		rows := reproduce.Where(finals(r), "p", at.p, "rate", at.rate)
		denoiser := mse(reproduce.Where(rows, "depth", 0))
		for depth := 1; depth <= 3; depth++ {
			claims = append(claims, reproduce.OldAbove(fmt.Sprintf("p = %g, r = %g: %d hidden layers, beside the trained denoiser's error less 1 %%", at.p, at.rate, depth),
				mse(reproduce.Where(rows, "depth", depth)), reproduce.Exact(0.99*denoiser.Value), 0))
		}
	}
	return claims, nil
}

// withColumn is a cell with one more column, of the same value in all rows.
func withColumn(c reproduce.Cell, column string, value any) reproduce.Cell {
	run := c.Run
	c.Run = func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
		out, err := run(ctx, env)
		if err != nil {
			return nil, err
		}
		for _, row := range out.Rows {
			row[column] = value
		}
		return out, nil
	}
	return c
}
