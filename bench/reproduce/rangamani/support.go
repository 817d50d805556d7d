package rangamani

import (
	"context"
	"fmt"

	. "autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// theorem31 is Theorem 3.1: which units of the ReLU autoencoder are active.
func theorem31() *Experiment {
	return &Experiment{
		Name: "rangamani-support", Paper: paperName,
		Title:   "Theorem 3.1: share of the support that is active, and units active outside it, against the distance δ",
		Claim:   "With the theorem's bias, W near an incoherent dictionary has its active units on the support of the code.",
		Minutes: Minutes{Quick: 0.2, Paper: 0.2, Large: 0.2},
		Columns: []string{"h", "dim", "support", "delta", "samples", "seed", "coherence", "bias", "true_positive", "false_positive",
			"exact", "bound"},
		Cells: func(p Params) (cells []Cell, err error) {
			for _, delta := range []float64{0.001, 0.01, 0.02, 0.03, 0.05} {
				s := recovery{Delta: delta, Seed: p.Seed}
				cells = append(cells, Cell{Name: fmt.Sprintf("delta%g", delta), Settings: s, Run: func(ctx context.Context, _ *Env) (*Output, error) {
					return supportRow(ctx, s)
				}})
			}
			return cells, nil
		},
		Figures: func(r *Results) ([]Figure, error) {
			c := figure.Chart{Title: "Support recovery, h = 256, d = 3000, k = 3", X: "δ, distance of a column from the dictionary's", Y: "share"}
			c.Add(
				figure.Curve{Label: "support that is active", Points: Points(r.Rows, "delta", "true_positive"), Pen: figure.Solid(figure.Blue)},
				figure.Curve{Label: "samples without error", Points: Points(r.Rows, "delta", "exact"), Pen: figure.Dash(figure.Vermilion)},
			)
			return []Figure{{Name: "rangamani-support", Paint: c.Paint, Caption: "The bias grows with δ and passes the smallest amplitude."}}, nil
		},
		Claims: func(r *Results) (claims []Claim, err error) {
			for _, row := range r.Rows {
				claims = append(claims, Equal(fmt.Sprintf("δ = %g: units active outside the support, per sample", row.Num("delta")),
					Exact(row.Num("false_positive")), Exact(0), Tolerance{Absolute: 256 * row.Num("bound")}))
			}
			row := Where(r.Rows, "delta", 0.02)[0]
			return append(claims, Equal("δ = 0.02: share of the support that is active, beside the tabulated value",
				Exact(row.Num("true_positive")), Exact(0.999), Tolerance{Absolute: 0.005})), nil
		},
	}
}

func supportRow(ctx context.Context, s recovery) (*Output, error) {
	r, err := s.measure(ctx)
	if err != nil {
		return nil, err
	}
	return &Output{Rows: []Row{{
		"h": r.H, "dim": r.Dim, "support": r.Support, "delta": r.Delta, "samples": r.Samples, "seed": r.Seed, "coherence": r.Coherence,
		"bias": r.Bias, "true_positive": r.TruePositive, "false_positive": r.FalsePositive, "exact": r.Exact, "bound": r.Bound,
	}}}, nil
}
