package kogler

import (
	"context"
	"fmt"
	"math"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

const fig14P = 0.3

// figure14: the optimal denoiser of sparse Rademacher data, which eq. (16) cannot represent.
func figure14() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "kogler-fig14", Paper: paperName,
		Title:   "The optimal denoiser f*(u) of sparse Rademacher data, p = 0.3, r = 1, theory",
		Claim:   "f* is a double step: flat at 0, then saturating at ±1/√p.",
		Minutes: reproduce.Minutes{Quick: 0.01, Paper: 0.01, Large: 0.01},
		Columns: []string{"u", "f", "slope"},
		Cells: func(reproduce.Params) ([]reproduce.Cell, error) {
			settings := map[string]any{"data": "sparse-rademacher", "p": fig14P, "rate": 1, "from": -4, "to": 4, "step": 0.05}
			return []reproduce.Cell{{Name: "theory", Settings: settings, Run: fig14Rows}}, nil
		},
		Figures: fig14Figures,
		Claims:  fig14Claims,
	}
}

func fig14Rows(context.Context, *reproduce.Env) (*reproduce.Output, error) {
	law, err := amp.NewPrior("sparse-rademacher", fig14P, 0)
	if err != nil {
		return nil, err
	}
	f, out := amp.Denoiser(law, 1), &reproduce.Output{}
	for k := -80; k <= 80; k++ {
		u := float64(k) / 20
		mean, slope := f(u)
		out.Rows = append(out.Rows, reproduce.Row{"u": u, "f": mean, "slope": slope})
	}
	return out, nil
}

func fig14Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	c := figure.Chart{
		Title: "Optimal denoiser, sparse Rademacher data, p = 0.3, r = 1", X: "u, one coordinate of Bᵀ sign(Bx)", Y: "f*(u) = E[x | u]",
		XMin: -4, XMax: 4, YMin: -2.1, YMax: 2.1,
	}
	top := 1 / math.Sqrt(fig14P)
	c.Level(top, "1/√p", figure.Dot(figure.Grey))
	c.Level(0, "0", figure.Dot(figure.Grey))
	c.Level(-top, "−1/√p", figure.Dot(figure.Grey))
	c.Add(figure.Curve{Points: reproduce.Points(r.Rows, "u", "f"), Pen: figure.Solid(figure.Blue)})
	return []reproduce.Figure{{Name: "kogler-fig14", Paint: c.Paint, Caption: "The posterior mean behind a Haar encoder, d → ∞, eq. (19)."}}, nil
}

func fig14Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	for _, reference := range []struct{ u, f float64 }{ // amp/THEORY.md §15, four digits
		{0, 0}, {0.3, 0.0613}, {0.6, 0.2054}, {0.9, 0.5453}, {1.2, 1.0710}, {1.5, 1.5068}, {2, 1.7751}, {3, 1.8248},
	} {
		row := reproduce.Pick(r.Rows, "u", reference.u)
		claims = append(claims, reproduce.OldEqual(fmt.Sprintf("f*(%g), beside the tabulated value", reference.u), reproduce.Exact(row.Num("f")),
			reproduce.Exact(reference.f), reproduce.OldTolerance{Absolute: 5e-5}))
	}
	last, odd, steepest := r.Rows[len(r.Rows)-1], 0.0, 0.0
	for _, row := range r.Rows {
		odd = math.Max(odd, math.Abs(row.Num("f")+reproduce.Pick(r.Rows, "u", -row.Num("u")).Num("f")))
		steepest = math.Max(steepest, row.Num("slope"))
	}
	flat := reproduce.Pick(r.Rows, "u", 0).Num("slope")
	return append(claims,
		reproduce.OldEqual("f*(4), beside 1/√p", reproduce.Exact(last.Num("f")), reproduce.Exact(1/math.Sqrt(fig14P)), reproduce.OldTolerance{Relative: 1e-3}),
		reproduce.OldEqual("largest |f*(u) + f*(−u)|", reproduce.Exact(odd), reproduce.Exact(0), reproduce.OldTolerance{Absolute: 1e-12}),
		reproduce.OldBelow("slope at 0, beside a quarter of the steepest", reproduce.Exact(flat), reproduce.Exact(steepest/4), 0),
	), nil
}
