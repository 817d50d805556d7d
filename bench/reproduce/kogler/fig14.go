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

// fig14Claims compare f* with Bayes' rule over the three atoms of the law, written down here once more. The effect at u is the
// distance to the best linear decoder, a straight line: what a reader sees as steps.
func fig14Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	at := func(u float64) reproduce.Row { return reproduce.Pick(r.Rows, "u", u) }
	for _, u := range []float64{0.3, 0.6, 0.9, 1.2, 1.5, 2, 3} {
		f, _ := threeAtoms(fig14P, u)
		claims = append(claims, reproduce.Equal(fmt.Sprintf("f*(%g), beside Bayes' rule over three atoms", u), reproduce.Exact(at(u).Num("f")),
			reproduce.ClosedForm(f), math.Abs(f-fig14Line*u), 1e-10))
	}
	odd, steps := 0.0, 0.0
	for i, row := range r.Rows {
		odd = math.Max(odd, math.Abs(row.Num("f")+at(-row.Num("u")).Num("f")))
		if i > 0 && i+1 < len(r.Rows) && row.Num("slope") > r.Rows[i-1].Num("slope") && row.Num("slope") > r.Rows[i+1].Num("slope") {
			steps++
		}
	}
	_, flat := threeAtoms(fig14P, 0)
	top := 1 / math.Sqrt(fig14P)
	return append(claims,
		reproduce.Equal("slope at 0, flatter than a line by the effect", reproduce.Exact(at(0).Num("slope")), reproduce.ClosedForm(flat), fig14Line-flat, 1e-9),
		reproduce.Equal("steps: the slope has as many peaks", reproduce.Exact(steps), reproduce.ClosedForm(2), 1, 0),
		// What is left at u = 4 is the weight of the other atoms, 1e-5.
		reproduce.Equal("f*(4), beside 1/√p", reproduce.Exact(at(4).Num("f")), reproduce.ClosedForm(top), fig14Line*4-top, 1e-4),
		reproduce.Equal("largest |f*(u) + f*(−u)|", reproduce.Exact(odd), reproduce.ClosedForm(0), top, 1e-12),
	), nil
}

// fig14Line is the slope of the best linear decoder, μ/(μ² + σ²) at r = 1, where μ² = 2/π and σ² = 1 − 2/π.
var fig14Line = math.Sqrt(2 / math.Pi)

// threeAtoms is Bayes' rule for x ∈ {−a, 0, a}, a = 1/√p, behind u = μx + σg at r = 1: the mean of x and the mean's slope, which
// is μ/σ² times the variance of x.
func threeAtoms(p, u float64) (mean, slope float64) {
	mu, variance := math.Sqrt(2/math.Pi), 1-2/math.Pi
	var weight, first, second float64
	for _, atom := range []struct{ x, p float64 }{{-1 / math.Sqrt(p), p / 2}, {0, 1 - p}, {1 / math.Sqrt(p), p / 2}} {
		w := atom.p * math.Exp(-(u-mu*atom.x)*(u-mu*atom.x)/(2*variance))
		weight, first, second = weight+w, first+w*atom.x, second+w*atom.x*atom.x
	}
	mean = first / weight
	return mean, mu / variance * (second/weight - mean*mean)
}
