package nguyen

import (
	"context"
	"fmt"
	"math"

	"autoamp/bench/reproduce"
	"autoamp/datasets"
	"autoamp/train/figure"
)

// theorem4 is the convergence of normalised gradient descent near the dictionary.
func theorem4() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "nguyen-theorem4", Paper: paperName,
		Title: "Theorem 4: ‖W − A‖² against iteration, threshold autoencoder, d = 784, m = 10, with its fitted rate τ",
		Claim: "From W near the dictionary, ‖W − A‖² shrinks by a factor 1 − τ in every iteration, for all three data models, " +
			"to a floor of the noise and of the dictionary's coherence.",
		Minutes: reproduce.Minutes{Quick: 0.5, Paper: 1, Large: 1},
		Columns: []string{"data", "support", "noise", "zeta", "delta", "samples", "seed", "iteration", "distance2", "predicted_tau", "fitted_tau", "residual"},
		Cells:   theorem4Cells,
		Figures: theorem4Figures,
		Claims:  theorem4Claims,
	}
}

func theorem4Cells(p reproduce.Params) (cells []reproduce.Cell, err error) {
	for i, s := range []convergence{
		{Data: datasets.Mixture, Zeta: 10},
		{Data: datasets.Mixture, Zeta: 10, Noise: 0.01},
		{Data: datasets.Mixture, Iterations: 30},
		{Data: datasets.SparseCodes, Support: 2, Iterations: 30},
		{Data: datasets.NonNegativeCodes, Support: 2, Iterations: 30},
	} {
		s.Seed = p.Seed
		cells = append(cells, reproduce.Cell{Name: fmt.Sprintf("%s-%d", s.Data, i), Settings: s, Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
			return theorem4Rows(ctx, env, s)
		}})
	}
	return cells, nil
}

func theorem4Rows(ctx context.Context, env *reproduce.Env, s convergence) (*reproduce.Output, error) {
	rows, err := s.run(ctx, env.Executor)
	if err != nil {
		return nil, err
	}
	var distances []float64
	for _, r := range rows {
		distances = append(distances, r.Distance2)
	}
	tau, residual := fitRate(distances)
	out := &reproduce.Output{}
	for _, r := range rows {
		out.Rows = append(out.Rows, reproduce.Row{
			"data": r.Data, "support": r.Support, "noise": r.Noise, "zeta": r.Zeta, "delta": r.Delta, "samples": r.Samples, "seed": r.Seed,
			"iteration": r.Iteration, "distance2": r.Distance2, "predicted_tau": r.Predicted, "fitted_tau": tau, "residual": residual,
		})
	}
	return out, nil
}

// fastMixture are the rows of the mixture with ζ = m.
func fastMixture(r *reproduce.Results, noise float64) []reproduce.Row {
	return reproduce.Where(r.Rows, "data", datasets.Mixture, "zeta", 10, "noise", noise)
}

// slow are the rows of a data model with ζ = m/(5k·E x*²).
func slow(r *reproduce.Results, data string) []reproduce.Row {
	var rows []reproduce.Row
	for _, row := range reproduce.Where(r.Rows, "data", data) {
		if row.Num("predicted_tau") < 0.5 {
			rows = append(rows, row)
		}
	}
	return rows
}

func theorem4Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	c := figure.Chart{Title: "Threshold autoencoder, d = 784, m = 10, δ = 0.3", X: "iteration", Y: "‖W − A‖² (Frobenius)", LogY: true}
	for i, data := range datasets.CodeNames() {
		c.Add(figure.Curve{Label: data, Points: reproduce.Points(slow(r, data), "iteration", "distance2"), Pen: figure.Solid(figure.Colour(i))})
	}
	c.Add(
		figure.Curve{Label: "mixture, ζ = m", Points: reproduce.Points(fastMixture(r, 0), "iteration", "distance2"), Pen: figure.Dash(figure.Grey)},
		figure.Curve{Label: "with noise", Points: reproduce.Points(fastMixture(r, 0.01), "iteration", "distance2"), Pen: figure.Dot(figure.Grey)},
	)
	return []reproduce.Figure{{
		Name: "nguyen-theorem4", Paint: c.Paint,
		Caption: "4000 fresh samples per iteration. ζ·(k/m)·E x*² = 0.2 but for the grey lines.",
	}}, nil
}

func theorem4Claims(r *reproduce.Results) (claims []reproduce.Claim, err error) {
	for _, data := range datasets.CodeNames() {
		row := slow(r, data)[0]
		// Off the mixture, entries that share a sample and the dictionary's coherence change the rate by more.
		tolerance := reproduce.OldTolerance{Relative: 0.03}
		if data != datasets.Mixture {
			tolerance.Relative = 0.25
		}
		claims = append(claims, reproduce.OldEqual(data+": fitted τ, beside that of an orthogonal dictionary", reproduce.Exact(row.Num("fitted_tau")),
			reproduce.Exact(row.Num("predicted_tau")), tolerance))
		residual := row.Num("residual")
		claims = append(claims, reproduce.OldCheck(data+": residual of ln‖W − A‖² from a line", reproduce.Exact(residual), reproduce.Exact(0), "below 0.1", residual < 0.1))
	}
	fast := fastMixture(r, 0)
	for i, reference := range []float64{0.84, 6.6e-3, 2.4e-5, 6e-8} {
		// The number of samples of a cluster decides how much distance is left after a step, by some powers of ten later on.
		factor := []float64{1.02, 1.5, 10, 100}[i]
		found := fast[i].Num("distance2")
		claims = append(claims, reproduce.OldCheck(fmt.Sprintf("mixture, ζ = m, no noise: ‖W − A‖² after %d iterations", i), reproduce.Exact(found), reproduce.Exact(reference),
			fmt.Sprintf("within a factor of %g", factor), math.Abs(math.Log(found/reference)) < math.Log(factor)))
	}
	noisy := fastMixture(r, 0.01)
	claims = append(claims, reproduce.OldEqual("mixture, ζ = m, σ = 0.01: floor of ‖W − A‖²", reproduce.Exact(noisy[len(noisy)-1].Num("distance2")),
		reproduce.Exact(2.0e-3), reproduce.OldTolerance{Relative: 0.15}))
	return claims, nil
}
