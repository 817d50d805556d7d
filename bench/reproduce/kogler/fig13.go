package kogler

import (
	"context"
	"fmt"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// figure13 is theory alone: the gain of a denoiser over the linear decoder, behind a Haar encoder.
func figure13() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "kogler-fig13", Paper: paperName,
		Title:   "Error against p at r = 1, sparse Gaussian data: linear decoder and denoiser, theory",
		Claim:   "The denoiser's error is strictly below the Gaussian value for every p < 1.",
		Minutes: reproduce.Minutes{Quick: 0.01, Paper: 0.01, Large: 0.01},
		Columns: []string{"p", "gaussian", "denoiser", "bayes"},
		Cells: func(reproduce.Params) ([]reproduce.Cell, error) {
			return []reproduce.Cell{{Name: "theory", Settings: map[string]any{"data": "sparse-gaussian", "rate": 1, "step": 0.01}, Run: fig13Rows}}, nil
		},
		Figures: fig13Figures,
		Claims:  fig13Claims,
	}
}

func fig13Rows(ctx context.Context, _ *reproduce.Env) (*reproduce.Output, error) {
	out := &reproduce.Output{}
	for i := 1; i <= 100 && ctx.Err() == nil; i++ {
		p := float64(i) / 100
		t, err := amp.Predict(amp.Point{Data: "sparse-gaussian", P: p, Rate: 1}, nil)
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, reproduce.Row{"p": p, "gaussian": t.Gaussian, "denoiser": t.Denoiser, "bayes": t.Bayes})
	}
	return out, ctx.Err()
}

func fig13Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	c := figure.Chart{Title: "Sparse Gaussian data, r = 1: theory", X: axisP, Y: axisMSE}
	c.Add(
		figure.Curve{Label: "linear decoder", Points: reproduce.Points(r.Rows, "p", "gaussian"), Pen: figure.Dash(figure.Grey)},
		figure.Curve{Label: "denoiser", Points: reproduce.Points(r.Rows, "p", "denoiser"), Pen: figure.Solid(figure.Vermilion)},
	)
	return []reproduce.Figure{{
		Name: "kogler-fig13", Paint: c.Paint,
		Caption: "Haar encoder, d → ∞. The linear decoder gains nothing from sparsity.",
	}}, nil
}

func fig13Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	for _, reference := range []struct{ p, mse float64 }{ // amp/THEORY.md §15, four digits
		{0.05, 0.0627}, {0.1, 0.1175}, {0.2, 0.1998}, {0.3, 0.2560}, {0.4, 0.2948}, {0.5, 0.3215}, {0.6, 0.3396}, {0.7, 0.3514},
		{0.8, 0.3586}, {0.9, 0.3623}, {1, 0.3634},
	} {
		row := reproduce.Pick(r.Rows, "p", reference.p)
		claims = append(claims, reproduce.OldEqual(fmt.Sprintf("p = %g: denoiser, beside the tabulated value", reference.p),
			reproduce.Exact(row.Num("denoiser")), reproduce.Exact(reference.mse), reproduce.OldTolerance{Absolute: 5e-5}))
	}
	for _, row := range r.Rows {
		if p := row.Num("p"); p < 1 && !(row.Num("denoiser") < row.Num("gaussian")) {
			claims = append(claims, reproduce.OldBelow(fmt.Sprintf("p = %g: denoiser below linear decoder", p),
				reproduce.Exact(row.Num("denoiser")), reproduce.Exact(row.Num("gaussian")), 0))
		}
	}
	nearest := reproduce.Pick(r.Rows, "p", 0.99)
	return append(claims, reproduce.OldBelow("the 99 values p < 1: denoiser below linear decoder, here the nearest, p = 0.99",
		reproduce.Exact(nearest.Num("denoiser")), reproduce.Exact(nearest.Num("gaussian")), 0)), nil
}
