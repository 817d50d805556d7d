package kogler

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"autoamp/bench/reproduce"
	"autoamp/train/config"
	"autoamp/train/figure"
)

func theorem41Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	return []reproduce.Figure{trajectories(r), exponents(r)}, nil
}

// trajectories are of the largest d and the first seed.
func trajectories(r *reproduce.Results) reproduce.Figure {
	d := slices.Max(theorem41Sizes[r.Scale].dims)
	first := reproduce.Where(r.Rows, "design", config.Balanced, "dim", d, "seed", r.Seed)
	panel := func(title, y string, log bool, columns, theory []string) *figure.Chart {
		c := &figure.Chart{Title: title, X: "time s = η·step", Y: y, LogY: log}
		for i, column := range theory {
			label := ""
			if i == 0 {
				label = "spectral flow"
			}
			c.Add(figure.Curve{Label: label, Points: reproduce.Points(reproduce.Where(first, "p", theorem41P[0]), "time", column), Pen: figure.Dash(figure.Grey)})
		}
		for i, p := range theorem41P {
			for k, column := range columns {
				label := ""
				if k == 0 {
					label = fmt.Sprintf("gd-min, p = %g", p)
				}
				c.Add(figure.Curve{Label: label, Points: reproduce.Points(reproduce.Where(first, "p", p), "time", column), Pen: figure.Pen{Colour: figure.Colour(i), Width: 1.2}})
			}
		}
		return c
	}
	loss := panel("", axisMSE, false, []string{"mse"}, []string{"ode_mse"})
	loss.YMin, loss.YMax = 0.66, 0.76
	return reproduce.Figure{
		Name: "kogler-theorem41", Width: 8 * vg.Inch, Height: 10.5 * vg.Inch,
		Caption: "One seed. The spectral flow is an ordinary differential equation for the eigenvalues that does not contain p. At p = 0.3 " +
			"every step averages over 240 balanced masks, whose noise is too small to be seen. ‖SSᵀ − I‖ ends at what the drift of the " +
			"singular vectors has taken out of S; this end shrinks with d.",
		Paint: figure.Stack([]float64{1, 1, 1},
			panel(fmt.Sprintf("Alternating minimisation, d = %d, r = 0.5", d), "extreme eigenvalues of BBᵀ", false,
				[]string{"lambda_max", "lambda_min"}, []string{"ode_max", "ode_min"}),
			panel("", "‖SSᵀ − I‖", true, []string{"orthogonality"}, []string{"ode_orthogonality"}),
			loss),
	}
}

// exponents are drift and gap against d, and the gap against the number of independent masks.
func exponents(r *reproduce.Results) reproduce.Figure {
	p := theorem41P[1]
	drift := &figure.Chart{X: "dimension d", Y: "drift ‖R‖/‖B‖ at the end", LogX: true, LogY: true}
	for i, q := range theorem41P {
		rows := balanced(r.Rows, q)
		if q == 1 {
			rows = reproduce.Where(r.Rows, "design", unmasked)
		}
		m := marks(fmt.Sprintf("p = %g", q), rows, "dim", final("drift"), i)
		drift.Mark(m)
		drift.Add(powerLaw(m, "d^−½", -0.5))
	}
	mean := func(rows []reproduce.Row) float64 {
		return average(rows, func(r reproduce.Row) float64 { return r.Num("gap") })
	}
	gaps := besideOne(r.Rows, balanced(r.Rows, p))
	overDim := &figure.Chart{X: "dimension d", Y: "error − error at p = 1, s = 1 to 3", LogX: true, LogY: true}
	overDim.Mark(marks(fmt.Sprintf("p = %g", p), between(gaps, 1, 3), "dim", mean, 0))
	dims := reproduce.Distinct(gaps, "dim")
	overDim.Add(formula("(1−R)(m₄−3)/(4d)", dims, func(d float64) float64 { return energyGap(p) / d }))

	scan := between(besideOne(r.Rows, reproduce.Where(r.Rows, "design", config.Independent)), 1, 6)
	d := theorem41Sizes[r.Scale].scanned
	limit := average(between(reproduce.Where(gaps, "dim", d), 1, 6), func(r reproduce.Row) float64 { return r.Num("gap") })
	overMasks := &figure.Chart{X: "independent masks M per step", Y: fmt.Sprintf("error − error at p = 1, d = %d", d), LogX: true, LogY: true}
	overMasks.Mark(marks(fmt.Sprintf("p = %g", p), scan, "masks", mean, 0))
	masks := reproduce.Distinct(scan, "masks")
	overMasks.Add(formula(fmt.Sprintf("balanced + %.2f/M", maskGap(p)), masks, func(m float64) float64 { return limit + maskGap(p)/m }),
		formula("balanced masks", masks, func(float64) float64 { return limit }))
	return reproduce.Figure{
		Name: "kogler-theorem41-exponents", Width: 13 * vg.Inch, Height: 4.5 * vg.Inch,
		Caption: fmt.Sprintf("What vanishes as d → ∞, mean of %d seeds ± s.e. Left: the singular vectors' drift, beside lines of slope −½ through the first point. "+
			"Middle: the error beyond that of p = 1, which is the term in 1/d of a Haar encoder. Right: what independent masks add to it, "+
			"beside the closed form of amp/THEORY.md §4.5.", len(reproduce.Distinct(r.Rows, "seed"))),
		Paint: figure.Row([]float64{1, 1.1, 1.3}, drift.Paint, overDim.Paint, overMasks.Paint),
	}
}

// marks are means over seeds of a number of the rows at each x.
func marks(label string, rows []reproduce.Row, x string, y func([]reproduce.Row) float64, colour int) figure.Marks {
	m := figure.Marks{Label: label, Colour: figure.Colour(colour)}
	for _, v := range reproduce.Distinct(rows, x) {
		e := reproduce.PerSeed(reproduce.Where(rows, x, v), y)
		m.Points, m.Errors = append(m.Points, plotter.XY{X: v, Y: e.Value}), append(m.Errors, e.Stderr)
	}
	return m
}

// powerLaw is a line of that exponent through the first of the marks, where there is one.
func powerLaw(m figure.Marks, label string, exponent float64) figure.Curve {
	if len(m.Points) == 0 {
		return figure.Curve{}
	}
	var x []float64
	for _, point := range m.Points {
		x = append(x, point.X)
	}
	first := m.Points[0]
	return formula(label, x, func(x float64) float64 { return first.Y * math.Pow(x/first.X, exponent) })
}

// formula is a dashed curve through values at x.
func formula(label string, x []float64, y func(float64) float64) figure.Curve {
	c := figure.Curve{Label: label, Pen: figure.Dash(figure.Grey)}
	for _, v := range x {
		c.Points = append(c.Points, plotter.XY{X: v, Y: y(v)})
	}
	return c
}
