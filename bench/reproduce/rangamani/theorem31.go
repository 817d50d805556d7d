package rangamani

import (
	"context"
	"fmt"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// theorem31 is Theorem 3.1: which units of the ReLU autoencoder are active.
func theorem31() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "rangamani-support", Paper: paperName,
		Title:   "Theorem 3.1: share of the support that is active, and units active outside it, against the distance δ",
		Claim:   "With the theorem's bias, W near an incoherent dictionary has its active units on the support of the code.",
		Minutes: reproduce.Minutes{Quick: 0.2, Paper: 0.2, Large: 0.2},
		Columns: []string{"h", "dim", "support", "delta", "samples", "seed", "coherence", "bias", "true_positive", "false_positive",
			"exact", "bound"},
		Cells: func(p reproduce.Params) (cells []reproduce.Cell, err error) {
			for _, delta := range []float64{0.001, 0.01, 0.02, 0.03, 0.05} {
				s := recovery{Delta: delta, Seed: p.Seed}
				cells = append(cells, reproduce.Cell{Name: fmt.Sprintf("delta%g", delta), Settings: s, Run: func(ctx context.Context, _ *reproduce.Env) (*reproduce.Output, error) {
					return supportRow(ctx, s)
				}})
			}
			return cells, nil
		},
		Figures: func(r *reproduce.Results) ([]reproduce.Figure, error) {
			c := figure.Chart{Title: "Support recovery, h = 256, d = 3000, k = 3", X: "δ, distance of a column from the dictionary's", Y: "share"}
			c.Add(
				figure.Curve{Label: "support that is active", Points: reproduce.Points(r.Rows, "delta", "true_positive"), Pen: figure.Solid(figure.Blue)},
				figure.Curve{Label: "samples without error", Points: reproduce.Points(r.Rows, "delta", "exact"), Pen: figure.Dash(figure.Vermilion)},
			)
			return []reproduce.Figure{{Name: "rangamani-support", Paint: c.Paint, Caption: "The bias grows with δ and passes the smallest amplitude."}}, nil
		},
		Claims: func(r *reproduce.Results) (claims []reproduce.Claim, err error) {
			for _, row := range r.Rows {
				claims = append(claims, reproduce.OldEqual(fmt.Sprintf("δ = %g: units active outside the support, per sample", row.Num("delta")),
					reproduce.Exact(row.Num("false_positive")), reproduce.Exact(0), reproduce.OldTolerance{Absolute: 256 * row.Num("bound")}))
			}
			row := reproduce.Where(r.Rows, "delta", 0.02)[0]
			return append(claims, reproduce.OldEqual("δ = 0.02: share of the support that is active, beside the tabulated value",
				reproduce.Exact(row.Num("true_positive")), reproduce.Exact(0.999), reproduce.OldTolerance{Absolute: 0.005})), nil
		},
	}
}

func supportRow(ctx context.Context, s recovery) (*reproduce.Output, error) {
	r, err := s.measure(ctx)
	if err != nil {
		return nil, err
	}
	return &reproduce.Output{Rows: []reproduce.Row{{
		"h": r.H, "dim": r.Dim, "support": r.Support, "delta": r.Delta, "samples": r.Samples, "seed": r.Seed, "coherence": r.Coherence,
		"bias": r.Bias, "true_positive": r.TruePositive, "false_positive": r.FalsePositive, "exact": r.Exact, "bound": r.Bound,
	}}}, nil
}
