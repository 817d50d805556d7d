package rangamani

import (
	"context"
	"fmt"

	"gonum.org/v1/plot/plotter"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// squareOrthogonal is the loss around a square orthogonal dictionary.
func squareOrthogonal() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "rangamani-orthogonal", Paper: paperName,
		Title: "Loss around a square orthogonal dictionary, and where gradient descent ends, with and without a bias",
		Claim: "A square orthogonal A* is a global minimum of the squared loss: without a bias the loss there is 0, and it is curved " +
			"upwards on every line. (With a bias ε the minimum is at s·A*, s > 1.)",
		Minutes: reproduce.Minutes{Quick: 0.3, Paper: 1, Large: 1},
		Columns: []string{"dim", "support", "bias", "lo", "hi", "samples", "steps", "seed", "loss", "curvature", "near_loss", "near_distance",
			"random_loss", "random_distance", "expected_curvature", "best_scale", "best_loss"},
		Cells:   orthogonalCells,
		Figures: orthogonalFigures,
		Claims:  orthogonalClaims,
	}
}

func orthogonalCells(p reproduce.Params) (cells []reproduce.Cell, err error) {
	seeds, steps := 5, 2000
	if p.Scale != reproduce.Quick {
		seeds, steps = 8, 4000
	}
	for _, bias := range []float64{0, 0.3} {
		for _, k := range []int{1, 4} {
			for _, seed := range p.Seeds(seeds) {
				o := orthogonal{Support: k, Bias: bias, Steps: steps, Seed: seed}
				cells = append(cells, reproduce.Cell{Name: fmt.Sprintf("k%d-bias%g-seed%d", k, bias, seed), Settings: o, Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
					return orthogonalOutput(ctx, env, o.withDefaults())
				}})
			}
		}
	}
	return cells, nil
}

func orthogonalOutput(ctx context.Context, env *reproduce.Env, o orthogonal) (*reproduce.Output, error) {
	r, err := o.measure(ctx, env)
	if err != nil {
		return nil, err
	}
	scale := o.bestScale()
	return &reproduce.Output{Rows: []reproduce.Row{{
		"dim": o.Dim, "support": o.Support, "bias": o.Bias, "lo": o.Lo, "hi": o.Hi, "samples": o.Samples, "steps": o.Steps, "seed": o.Seed,
		"loss": r.Loss, "curvature": r.Curvature, "near_loss": r.NearLoss, "near_distance": r.NearDistance,
		"random_loss": r.RandomLoss, "random_distance": r.RandomDistance,
		"expected_curvature": o.curvature(), "best_scale": scale, "best_loss": o.scaledLoss(scale),
	}}}, nil
}

func orthogonalFigures(r *reproduce.Results) ([]reproduce.Figure, error) {
	c := figure.Chart{Title: "Loss at s·A* for k = 1, and where gradient descent ends", X: "s, length of a column", Y: "loss ½E‖y − ŷ‖²", XMin: 0.85, XMax: 1.25, YMax: 0.4}
	for i, bias := range reproduce.Distinct(r.Rows, "bias") {
		rows := reproduce.Where(r.Rows, "support", 1, "bias", bias)
		o := orthogonal{Support: 1, Bias: bias}.withDefaults()
		var curve plotter.XYs
		for s := c.XMin; s <= c.XMax; s += 0.005 {
			curve = append(curve, plotter.XY{X: s, Y: o.scaledLoss(s)})
		}
		c.Add(figure.Curve{Label: fmt.Sprintf("ε = %g", bias), Points: curve, Pen: figure.Solid(figure.Colour(i))})
		var ends plotter.XYs
		for _, row := range rows {
			ends = append(ends, plotter.XY{X: 1 + row.Num("near_distance"), Y: row.Num("near_loss")})
		}
		c.Mark(figure.Marks{Label: fmt.Sprintf("from A* + ½·ΔW, ε = %g", bias), Points: ends, Colour: figure.Colour(i)})
	}
	return []reproduce.Figure{{Name: "rangamani-orthogonal", Paint: c.Paint, Caption: "Discs: the ends of trainings, at 1 plus their distance from A*."}}, nil
}

func orthogonalClaims(r *reproduce.Results) (claims []reproduce.Claim, err error) {
	for _, bias := range reproduce.Distinct(r.Rows, "bias") {
		for _, k := range reproduce.Distinct(r.Rows, "support") {
			rows := reproduce.Where(r.Rows, "support", k, "bias", bias)
			name := fmt.Sprintf("ε = %g, k = %g: ", bias, k)
			if bias == 0 {
				claims = append(claims, unbiasedClaims(name, rows)...)
			} else {
				claims = append(claims, biasedClaims(name, rows)...)
			}
		}
	}
	return claims, nil
}

// unbiasedClaims: the loss cannot be negative, and it is 0 at the dictionary, to the rounding of float32; the curvature is the
// closed form; a training from nearby ends there, to the rounding of its steps.
func unbiasedClaims(name string, rows []reproduce.Row) []reproduce.Claim {
	const start, rounding, steps = 0.5, 1e-6, 1e-5
	curvature := rows[0].Num("expected_curvature")
	return []reproduce.Claim{
		// The effect is the loss at half of the distance from which the trainings start, of a parabola.
		reproduce.Equal(name+"loss at A*", reproduce.Mean(rows, "loss", ""), reproduce.ClosedForm(0), curvature*start*start/8, rounding),
		reproduce.Equal(name+"curvature of the loss at A* on random lines", reproduce.Mean(rows, "curvature", ""), reproduce.ClosedForm(curvature), curvature, 0),
		reproduce.Equal(name+"loss at the end of a training from A* + ½·ΔW", reproduce.Mean(rows, "near_loss", ""), reproduce.ClosedForm(0), curvature*start*start/8, rounding),
		reproduce.Equal(name+"distance of its columns from A*'s", reproduce.Mean(rows, "near_distance", ""), reproduce.ClosedForm(0), start, steps),
		randomClaim(name, rows, 0),
	}
}

// biasedClaims: at A* every unit of the support is short by the bias. Longer columns make up for a part of it: the trainings end
// at s·A*.
func biasedClaims(name string, rows []reproduce.Row) []reproduce.Claim {
	row := rows[0]
	bias, scale, best := row.Num("bias"), row.Num("best_scale"), row.Num("best_loss")
	there := row.Num("support") * bias * bias / 2
	// The noise of the samples stays in W, since the loss at s·A* is not 0; and for k > 1 units lean a little on the other atoms too,
	// for what all of them lose on average, so that s·A* is the minimum up to a percent.
	noise := 0.02 * (there - best)
	return []reproduce.Claim{
		reproduce.Equal(name+"loss at A*, beside ½k·ε²", reproduce.Mean(rows, "loss", ""), reproduce.ClosedForm(there), there-best, 1e-6),
		reproduce.Equal(name+"loss at the end of a training from A* + ½·ΔW, beside the least at s·A*", reproduce.Mean(rows, "near_loss", ""), reproduce.ClosedForm(best), there-best, noise),
		reproduce.Equal(fmt.Sprintf("%sdistance of its columns from A*'s, beside s − 1, s = %.4f", name, scale), reproduce.Mean(rows, "near_distance", ""), reproduce.ClosedForm(scale-1), scale-1, 0.02*(scale-1)),
		randomClaim(name, rows, best),
	}
}

// randomClaim says that a training from random columns does not find less than the minimum: it ends above it. The effect is the
// loss of a net that gives nothing, ½k·E x².
func randomClaim(name string, rows []reproduce.Row, least float64) reproduce.Claim {
	row := rows[0]
	return reproduce.Above(name+"loss at the end of a training from random columns, beside the minimum", reproduce.Mean(rows, "random_loss", ""),
		reproduce.ClosedForm(least), row.Num("support")*secondMoment(row.Num("lo"), row.Num("hi"))/2)
}
