package rangamani

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// theorem31 is Theorem 3.1: which units of the ReLU autoencoder are active.
func theorem31() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "rangamani-support", Paper: paperName,
		Title: "Theorem 3.1: where the active units are the support of the code, over the distance δ, the support k and h",
		Claim: "With the theorem's bias, W near an incoherent dictionary has its active units on the support of the code: always " +
			"where the sufficient condition holds, and no other unit anywhere.",
		Minutes: reproduce.Minutes{Quick: 0.1, Paper: 1, Large: 1},
		Columns: []string{"h", "dim", "lo", "hi", "samples", "seed", "support", "delta", "coherence", "bias", "sufficient", "true_positive",
			"expected_true_positive", "false_positive", "exact", "bound"},
		Cells:   supportCells,
		Figures: supportFigures,
		Claims:  supportClaims,
	}
}

func supportCells(p reproduce.Params) (cells []reproduce.Cell, err error) {
	sizes, seeds, samples := []int{64, 256}, 3, 1000
	if p.Scale != reproduce.Quick {
		sizes, seeds, samples = []int{64, 256, 1024}, 5, 2000
	}
	for _, h := range sizes {
		for _, seed := range p.Seeds(seeds) {
			r := recovery{
				H: h, Supports: []int{1, 2, 3, 4, 6}, Samples: samples, Seed: seed,
				Deltas: []float64{0.001, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.35},
			}
			cells = append(cells, reproduce.Cell{Name: fmt.Sprintf("h%d-seed%d", h, seed), Settings: r, Run: func(ctx context.Context, _ *reproduce.Env) (*reproduce.Output, error) {
				return supportRows(ctx, r.withDefaults())
			}})
		}
	}
	return cells, nil
}

func supportRows(ctx context.Context, r recovery) (*reproduce.Output, error) {
	measured, err := r.measure(ctx)
	if err != nil {
		return nil, err
	}
	out := &reproduce.Output{}
	for _, m := range measured {
		sufficient := 0
		if m.Sufficient {
			sufficient = 1
		}
		out.Rows = append(out.Rows, reproduce.Row{
			"h": r.H, "dim": r.Dim, "lo": r.Lo, "hi": r.Hi, "samples": r.Samples, "seed": r.Seed, "support": m.Support, "delta": m.Delta,
			"coherence": m.Coherence, "bias": m.Bias, "sufficient": sufficient, "bound": m.Bound,
			"true_positive": m.Found.TruePositive, "expected_true_positive": m.TruePositive,
			"false_positive": m.Found.FalsePositive, "exact": m.Found.Exact,
		})
	}
	return out, nil
}

func supportFigures(r *reproduce.Results) ([]reproduce.Figure, error) {
	var panels []func(draw.Canvas)
	for _, h := range reproduce.Distinct(r.Rows, "h") {
		rows := reproduce.Where(r.Rows, "h", h)
		c := figure.Chart{
			Title: fmt.Sprintf("h = %g, d = %g", h, rows[0].Num("dim")), X: "δ, distance of a column from the dictionary's", Y: "k, entries of the code",
			LogX: true, YMin: 0.5, YMax: 6.5, XMin: 0.0008, XMax: 0.45,
		}
		var exact, other plotter.XYs
		for _, row := range reproduce.Where(rows, "seed", rows[0].Num("seed")) {
			point := plotter.XY{X: row.Num("delta"), Y: row.Num("support")}
			if row.Num("exact") == 1 {
				exact = append(exact, point)
			} else {
				other = append(other, point)
			}
		}
		c.Mark(figure.Marks{Label: "every sample exact", Points: exact, Colour: figure.Blue},
			figure.Marks{Label: "some units of the support off", Points: other, Colour: figure.Vermilion})
		c.Add(figure.Curve{Label: "sufficient", Points: sufficientCurve(rows), Pen: figure.Dash(figure.Blue)})
		panels = append(panels, c.Paint)
	}
	return []reproduce.Figure{{
		Name: "rangamani-support", Width: 8 * vg.Inch, Height: vg.Length(len(panels)) * 3.8 * vg.Inch, Paint: figure.Column(reproduce.EqualShares(len(panels)), panels...),
		Caption: "Left of the dashed line the sufficient condition holds. Right of it the bias nears the smallest amplitude, and passes it.",
	}}, nil
}

// sufficientCurve is the largest δ of the sufficient condition, by k.
func sufficientCurve(rows []reproduce.Row) (points plotter.XYs) {
	row := rows[0]
	r := recovery{Lo: row.Num("lo"), Hi: row.Num("hi")}
	for _, k := range slices.Backward(reproduce.Distinct(rows, "support")) { // the label is at the last point
		if delta := r.sufficient(int(k), row.Num("coherence")); delta > 0 {
			points = append(points, plotter.XY{X: math.Max(delta, 0.0008), Y: k})
		}
	}
	return points
}

func supportClaims(r *reproduce.Results) (claims []reproduce.Claim, err error) {
	for _, h := range reproduce.Distinct(r.Rows, "h") {
		rows := reproduce.Where(r.Rows, "h", h)
		name := fmt.Sprintf("h = %g: ", h)
		_, worst := extremes(rows, "exact")
		sufficient := reproduce.Where(rows, "sufficient", 1)
		claims = append(claims,
			// A unit outside the support sees at most k·b·(δ+μ₀) ≤ ε. The effect is one such unit for each sample.
			reproduce.Equal(name+"most units active outside the support, per sample, at any δ and k", reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 {
				most, _ := extremes(rows, "false_positive")
				return most
			}), reproduce.ClosedForm(0), 1, 0),
			// The condition leaves nothing to chance. The effect is the least share outside the condition.
			reproduce.Equal(fmt.Sprintf("%ssmallest share of samples without error where the condition holds, %d of %d points", name, len(sufficient), len(rows)),
				reproduce.PerSeed(sufficient, func(rows []reproduce.Row) float64 { _, least := extremes(rows, "exact"); return least }),
				reproduce.ClosedForm(1), 1-worst, 0))
		for _, k := range reproduce.Distinct(rows, "support") {
			claims = append(claims, truePositiveClaim(name, reproduce.Where(rows, "support", k)))
		}
	}
	return claims, nil
}

// truePositiveClaim compares the share of the support that is active with its expectation, the mean over δ. The effect is how
// far the share falls.
func truePositiveClaim(name string, rows []reproduce.Row) reproduce.Claim {
	_, least := extremes(rows, "true_positive")
	return reproduce.Equal(fmt.Sprintf("%sk = %g: share of the support that is active, mean over δ of its distance from P(x + noise > ε)", name, rows[0].Num("support")),
		reproduce.PerSeed(rows, func(rows []reproduce.Row) (sum float64) {
			for _, row := range rows {
				sum += (row.Num("true_positive") - row.Num("expected_true_positive")) / float64(len(rows))
			}
			return sum
		}), reproduce.Quadrature(0), 1-least, 0)
}

// extremes are the largest and the smallest number in a column.
func extremes(rows []reproduce.Row, column string) (most, least float64) {
	most, least = math.Inf(-1), math.Inf(1)
	for _, row := range rows {
		most, least = math.Max(most, row.Num(column)), math.Min(least, row.Num(column))
	}
	return most, least
}
