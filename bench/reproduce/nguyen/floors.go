package nguyen

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/bench/reproduce"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train/figure"
)

// floors is where the descent of Theorem 4 ends for sparse codes, against k, d and m.
func floors() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "nguyen-floors", Paper: paperName,
		Title: "Theorem 4: the floor of ‖W − A‖² against k, d and m, overcomplete dictionaries with μ = 1, threshold autoencoder",
		Claim: "The descent ends at a distance of O(mk²/n²) for k-sparse codes, and of O(k³/m) for non-negative ones: the bounds hold, " +
			"and both models end at 4(k−1)²/(m−1)²·Σ‖the part of AAᵀA_i across A_i‖², which is 2(k−1)²(1 − m/2d)/d for these dictionaries.",
		Minutes: reproduce.Minutes{Quick: 0.25, Paper: 0.6, Large: 0.6},
		Columns: []string{"data", "dim", "atoms", "support", "hi", "samples", "seed", "floor", "single", "expected", "mu"},
		Cells:   floorCells,
		Figures: floorFigures,
		Claims:  floorClaims,
	}
}

// middle is d of the sweeps over k and m.
const middle = 128

// floorSettings are the settings without their seeds. Off the support a unit gets at most a₂k/√d, below the threshold of 1/2.
func floorSettings(scale reproduce.Scale) (all []convergence) {
	dims, sizes := []int{32, 64, middle}, []int{128, 160, 192}
	if scale != reproduce.Quick {
		dims, sizes = append(dims, 256), []int{128, 144, 160, 192, 224}
	}
	add := func(dim, atoms, support int) {
		for _, data := range []string{datasets.SparseCodes, datasets.NonNegativeCodes} {
			c := convergence{
				Data: data, Activation: graph.Threshold, Dictionary: basisAtoms, Dim: dim, Atoms: atoms, Support: support,
				Step: 0.25, Samples: 2048, Iterations: 20, Hi: 1,
			}
			if data == datasets.NonNegativeCodes {
				c.Hi = 1.25
			}
			all = append(all, c)
		}
	}
	for _, support := range []int{2, 3, 4} {
		add(middle, 3*middle/2, support)
	}
	for _, dim := range dims {
		if dim != middle {
			add(dim, 3*dim/2, 2)
		}
	}
	for _, atoms := range sizes {
		if atoms != 3*middle/2 {
			add(middle, atoms, 2)
		}
	}
	return all
}

func floorCells(p reproduce.Params) (cells []reproduce.Cell, err error) {
	for _, c := range floorSettings(p.Scale) {
		var settings []convergence
		for _, seed := range p.Seeds(5) {
			c.Seed = seed
			settings = append(settings, c)
		}
		name := fmt.Sprintf("%s-d%d-m%d-k%d", c.Data, c.Dim, c.Atoms, c.Support)
		cells = append(cells, reproduce.CellOf(name, settings, floorRows))
	}
	return cells, nil
}

func floorRows(ctx context.Context, env *reproduce.Env, s convergence) ([]reproduce.Row, error) {
	r, err := s.floor(ctx, env.Executor)
	if err != nil {
		return nil, err
	}
	return []reproduce.Row{{
		"data": s.Data, "dim": s.Dim, "atoms": s.Atoms, "support": s.Support, "hi": s.Hi, "samples": s.Samples, "seed": s.Seed,
		"floor": r.Floor, "single": r.Single, "expected": r.Expected, "mu": r.Mu,
	}}, nil
}

// sweep are the rows of a model along k, d or m.
func sweep(r *reproduce.Results, data, along string) []reproduce.Row {
	switch along {
	case "support":
		return reproduce.Where(r.Rows, "data", data, "dim", middle, "atoms", 3*middle/2)
	case "atoms":
		return reproduce.Where(r.Rows, "data", data, "dim", middle, "support", 2)
	}
	var rows []reproduce.Row
	for _, row := range reproduce.Where(r.Rows, "data", data, "support", 2) {
		if 2*row.Num("atoms") == 3*row.Num("dim") {
			rows = append(rows, row)
		}
	}
	return rows
}

// bound is the term of the theorem without its constant.
func bound(row reproduce.Row) float64 {
	m, k, d := row.Num("atoms"), row.Num("support"), row.Num("dim")
	if row.Text("data") == datasets.SparseCodes {
		return m * k * k / (d * d)
	}
	return k * k * k / m
}

func floorFigures(r *reproduce.Results) ([]reproduce.Figure, error) {
	var panels []func(draw.Canvas)
	for _, panel := range []struct{ along, x, title string }{
		{"support", "k", "d = 128, m = 192"}, {"dim", "d", "k = 2, m = 3d/2"}, {"atoms", "m", "k = 2, d = 128"},
	} {
		c := figure.Chart{Title: panel.title, X: panel.x, Y: "floor of ‖W − A‖²", LogX: true, LogY: true}
		for i, data := range []string{datasets.SparseCodes, datasets.NonNegativeCodes} {
			rows := sweep(r, data, panel.along)
			var found, expected, limit plotter.XYs
			var errors []float64
			for _, x := range slices.Sorted(slices.Values(reproduce.Distinct(rows, panel.along))) {
				at := reproduce.Where(rows, panel.along, x)
				e := reproduce.Mean(at, "floor", "")
				found, errors = append(found, plotter.XY{X: x, Y: e.Value}), append(errors, e.Stderr)
				expected = append(expected, plotter.XY{X: x, Y: reproduce.Mean(at, "expected", "").Value})
				limit = append(limit, plotter.XY{X: x, Y: bound(at[0])})
			}
			c.Mark(figure.Marks{Label: data, Points: found, Errors: errors, Colour: figure.Colour(i)})
			c.Add(figure.Curve{Points: expected, Pen: figure.Solid(figure.Colour(i))}, figure.Curve{Points: limit, Pen: figure.Dot(figure.Colour(i))})
		}
		panels = append(panels, c.Paint)
	}
	return []reproduce.Figure{{
		Name: "nguyen-floors", Width: 7 * vg.Inch, Height: 10 * vg.Inch, Paint: figure.Column(reproduce.EqualShares(len(panels)), panels...),
		Caption: "Points: the product of W − A of two descents with independent samples, mean and standard error over five dictionaries. Lines: the " +
			"end of the expected descent on the same dictionaries. Dotted: mk²/d² and k³/m, the bounds with a constant of 1.",
	}}, nil
}

func floorClaims(r *reproduce.Results) (claims []reproduce.Claim, err error) {
	for _, data := range []string{datasets.SparseCodes, datasets.NonNegativeCodes} {
		rows := reproduce.Where(r.Rows, "data", data)
		worst := reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 {
			return largest(rows, func(r reproduce.Row) float64 { return r.Num("floor") / bound(r) })
		})
		claims = append(claims, reproduce.Below(data+": largest floor over k, d and m, in units of the theorem's term", worst, reproduce.ClosedForm(1), 1))
		claims = append(claims,
			// With k² or k³ of the bounds, (k − 1)² is what a pair of entries brings. The next order in k/√d is left open.
			reproduce.Equal(data+": exponent of the floor in k − 1", floorExponent(sweep(r, data, "support"), "support", 1), reproduce.ClosedForm(2), 1, 0.1),
			reproduce.Equal(data+": exponent of the floor in d, m = 3d/2, where the bounds have −1", floorExponent(sweep(r, data, "dim"), "dim", 0), reproduce.ClosedForm(-1), 1, 0.1),
			reproduce.Equal(data+": exponent of the floor in 1 − m/2d", halfEmpty(sweep(r, data, "atoms")), reproduce.ClosedForm(1), 1, 0.1))
		claims = append(claims, expectedClaims(rows)...)
	}
	return claims, nil
}

// largest is the largest number over rows.
func largest(rows []reproduce.Row, number func(reproduce.Row) float64) float64 {
	most := math.Inf(-1)
	for _, row := range rows {
		most = math.Max(most, number(row))
	}
	return most
}

// floorExponent is the exponent of the floor in a column less an offset.
func floorExponent(rows []reproduce.Row, column string, offset float64) reproduce.Estimate {
	return reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 {
		return exponentOf(numbers(rows, func(r reproduce.Row) float64 { return r.Num(column) - offset }), numbers(rows, floorOf))
	})
}

// halfEmpty is the exponent in the share of the two bases' atoms that the dictionary leaves out.
func halfEmpty(rows []reproduce.Row) reproduce.Estimate {
	return reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 {
		return exponentOf(numbers(rows, func(r reproduce.Row) float64 { return 1 - r.Num("atoms")/2/r.Num("dim") }), numbers(rows, floorOf))
	})
}

func floorOf(r reproduce.Row) float64 { return r.Num("floor") }

func numbers(rows []reproduce.Row, number func(reproduce.Row) float64) []float64 {
	out := make([]float64, len(rows))
	for i, r := range rows {
		out[i] = number(r)
	}
	return out
}

// expectedClaims compare every floor with the end of the expected descent, as quotients over seeds.
func expectedClaims(rows []reproduce.Row) (claims []reproduce.Claim) {
	for _, dim := range reproduce.Distinct(rows, "dim") {
		for _, atoms := range reproduce.Distinct(reproduce.Where(rows, "dim", dim), "atoms") {
			for _, support := range reproduce.Distinct(reproduce.Where(rows, "dim", dim, "atoms", atoms), "support") {
				at := reproduce.Where(rows, "dim", dim, "atoms", atoms, "support", support)
				quotient := reproduce.PerSeed(at, func(rows []reproduce.Row) float64 { return rows[0].Num("floor") / rows[0].Num("expected") })
				text := fmt.Sprintf("%s, d = %g, m = %g, k = %g: floor over the end of the expected descent", at[0].Text("data"), dim, atoms, support)
				// A step of a finite sample is normalised, which adds the square of its noise, 2 to 5 % of the floor.
				claims = append(claims, reproduce.Equal(text, quotient, reproduce.Quadrature(1), 1, 0.05))
			}
		}
	}
	return claims
}
