package kogler

import (
	"context"
	"fmt"
	"math"

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
		Columns: []string{"p", "gaussian", "denoiser", "bayes", "shannon"},
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
		bound, err := amp.DistortionRateAt(t.Prior, 1)
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, reproduce.Row{"p": p, "gaussian": t.Gaussian, "denoiser": t.Denoiser, "bayes": t.Bayes, "shannon": bound.MSE})
	}
	return out, ctx.Err()
}

func fig13Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	c := figure.Chart{Title: "Sparse Gaussian data, r = 1: theory", X: axisP, Y: axisMSE}
	c.Add(
		figure.Curve{Label: "linear decoder", Points: reproduce.Points(r.Rows, "p", "gaussian"), Pen: figure.Dash(figure.Grey)},
		figure.Curve{Label: "denoiser", Points: reproduce.Points(r.Rows, "p", "denoiser"), Pen: figure.Solid(figure.Vermilion)},
		figure.Curve{Label: "Bayes optimal", Points: reproduce.Points(r.Rows, "p", "bayes"), Pen: figure.Solid(figure.Blue)},
		figure.Curve{Label: "Shannon's bound", Points: reproduce.Points(r.Rows, "p", "shannon"), Pen: figure.Pen{Colour: figure.Black, Dashes: figure.DashDot}},
	)
	return []reproduce.Figure{{
		Name: "kogler-fig13", Paint: c.Paint,
		Caption: "Haar encoder, d → ∞. The linear decoder gains nothing from sparsity. " +
			"No code of one bit per coordinate is below Shannon's bound: what lies between is lost in the encoder.",
	}}, nil
}

// fig13Claims compare the denoiser with a second quadrature, and count where it does not gain. The effect is the gain over the
// linear decoder at that p.
func fig13Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	linear := 1 - 2/math.Pi // R_Gauss(1)
	var claims []reproduce.Claim
	for _, p := range []float64{0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99} {
		want := spikeAndSlab(p)
		claims = append(claims, reproduce.Equal(fmt.Sprintf("p = %g: denoiser, beside a quadrature of its own", p),
			reproduce.Exact(reproduce.Pick(r.Rows, "p", p).Num("denoiser")), reproduce.Quadrature(want), linear-want, 1e-8))
	}
	without, reached := 0.0, 0.0
	for _, row := range r.Rows {
		if !(row.Num("bayes") > row.Num("shannon")) {
			reached++
		}
		if row.Num("p") < 1 && !(row.Num("denoiser") < linear) {
			without++
		}
	}
	last := reproduce.Pick(r.Rows, "p", 1)
	return append(claims,
		reproduce.Equal("of the 99 values p < 1, those without a gain", reproduce.Exact(without), reproduce.ClosedForm(0), 1, 0),
		reproduce.Equal("p = 1: denoiser, beside 1 − 2/π", reproduce.Exact(last.Num("denoiser")), reproduce.ClosedForm(linear),
			linear-spikeAndSlab(0.9), 1e-8),
		reproduce.Equal("p = 1: Shannon's bound, beside 2⁻²", reproduce.Exact(last.Num("shannon")), reproduce.ClosedForm(0.25), linear-0.25, 1e-4),
		reproduce.Equal("p = 0.2: Shannon's bound, beside amp/THEORY.md §18", reproduce.Exact(reproduce.Pick(r.Rows, "p", 0.2).Num("shannon")),
			reproduce.Quadrature(0.0225), spikeAndSlab(0.2)-0.0225, 1.5e-4),
		reproduce.Equal("p = 0.4: Shannon's bound, beside amp/THEORY.md §18", reproduce.Exact(reproduce.Pick(r.Rows, "p", 0.4).Num("shannon")),
			reproduce.Quadrature(0.1107), spikeAndSlab(0.4)-0.1107, 1.5e-4),
		reproduce.Equal("of the 100 values of p, those at which a Haar encoder with Bayes' decoder reaches Shannon's bound", reproduce.Exact(reached), reproduce.ClosedForm(0), 1, 0),
	), nil
}

// spikeAndSlab is the denoiser's error for sparse Gaussian data at r = 1 by the trapezoidal rule: 1 − E f*(u)², where u is a
// mixture of N(0, σ²) and, with probability p, N(0, σ² + μ²/p), and f* the weight of the second times its linear estimate.
func spikeAndSlab(p float64) float64 {
	mu2 := 2 / math.Pi
	noise := 1 - mu2
	slab := noise + mu2/p
	density := func(u, variance float64) float64 { return math.Exp(-u*u/(2*variance)) / math.Sqrt(2*math.Pi*variance) }
	top, explained := 10*math.Sqrt(slab), 0.0
	const nodes = 40000
	for k := -nodes; k <= nodes; k++ {
		u := top * float64(k) / nodes
		on, off := p*density(u, slab), (1-p)*density(u, noise)
		f := on / (on + off) * math.Sqrt(mu2) / p / slab * u
		explained += f * f * (on + off) * top / nodes
	}
	return 1 - explained
}
