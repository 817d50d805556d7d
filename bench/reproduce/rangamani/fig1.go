package rangamani

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// figures1To6 is Figures 1 to 6: loss and gradient on a line through the dictionary, at three sparsities.
func figures1To6() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "rangamani-fig1", Paper: paperName,
		Title: "Figures 1 to 6: loss and gradient along W = A* + t·ΔW",
		Claim: "Loss and gradient norm decrease towards the dictionary; where p is so large that the bias exceeds every " +
			"pre-activation, the loss is flat and its gradient zero. (The paper's h and p are lost.)",
		Minutes: reproduce.Minutes{Quick: 0.05, Paper: 0.05, Large: 0.05},
		Columns: []string{"figure", "h", "p", "dim", "prefactor", "samples", "seed", "t", "loss", "norm"},
		Cells:   landscapeCells,
		Figures: landscapeFigures,
		Claims:  landscapeClaims,
	}
}

func landscapeCells(p reproduce.Params) (cells []reproduce.Cell, err error) {
	for i, s := range landscapeSettings(p.Seed) {
		name := 2*i + 1
		cells = append(cells, reproduce.Cell{Name: fmt.Sprintf("fig%d", name), Settings: s, Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
			rows, err := s.line(ctx, env.Executor, landscapeT)
			out := &reproduce.Output{}
			for _, r := range rows {
				out.Rows = append(out.Rows, reproduce.Row{
					"figure": name, "h": r.H, "p": r.P, "dim": r.Dim, "prefactor": r.Prefactor, "samples": r.Samples, "seed": r.Seed,
					"t": r.T, "loss": r.Loss, "norm": r.Norm,
				})
			}
			return out, err
		}})
	}
	return cells, nil
}

func landscapeFigures(r *reproduce.Results) (figures []reproduce.Figure, err error) {
	for _, number := range reproduce.Distinct(r.Rows, "figure") {
		rows := reproduce.Where(r.Rows, "figure", number)
		flat := rows[0].Num("norm") == 0 // no logarithm
		title := fmt.Sprintf("h = %g, p = %g", rows[0].Num("h"), rows[0].Num("p"))
		loss := figure.Chart{Title: title, X: "t", Y: "loss ½E‖y − ŷ‖²", LogY: !flat}
		loss.Add(figure.Curve{Points: reproduce.Points(rows, "t", "loss"), Pen: figure.Solid(figure.Blue)})
		norm := figure.Chart{X: "t, distance of a column from the dictionary's", Y: "mean norm of a column's gradient", LogY: !flat}
		norm.Add(figure.Curve{Points: reproduce.Points(rows, "t", "norm"), Pen: figure.Solid(figure.Vermilion)})
		figures = append(figures, reproduce.Figure{
			Name: fmt.Sprintf("rangamani-fig%g", number), Height: 6 * vg.Inch, Width: 7 * vg.Inch,
			Paint:   figure.Column(reproduce.EqualShares(2), loss.Paint, norm.Paint),
			Caption: fmt.Sprintf("Figures %g and %g.", number, number+1),
		})
	}
	return figures, nil
}

func landscapeClaims(r *reproduce.Results) (claims []reproduce.Claim, err error) {
	for _, number := range reproduce.Distinct(r.Rows, "figure") {
		rows := reproduce.Where(r.Rows, "figure", number)
		for i, column := range []string{"loss", "norm"} {
			name := fmt.Sprintf("figure %g, p = %g: ", number+float64(i), rows[0].Num("p"))
			if rows[0].Num("norm") == 0 {
				claims = append(claims, landscapeFlat(name, column, rows))
				continue
			}
			least := math.Inf(1)
			for k := 1; k < len(rows); k++ {
				least = math.Min(least, rows[k].Num(column)/rows[k-1].Num(column))
			}
			claims = append(claims, reproduce.OldAbove(name+column+", smallest factor from one t to the next", reproduce.Exact(least), reproduce.Exact(1), 0))
		}
	}
	for _, reference := range []struct{ t, loss float64 }{{0, .256}, {.1, .284}, {.2, .37}, {.5, 1.02}, {1, 4.85}, {2, 54.8}} {
		row := reproduce.Where(r.Rows, "figure", 3, "t", reference.t)[0]
		// Another random direction changes the loss by some percent.
		claims = append(claims, reproduce.OldEqual(fmt.Sprintf("figure 3, t = %g: loss, beside the tabulated value", reference.t),
			reproduce.Exact(row.Num("loss")), reproduce.Exact(reference.loss), reproduce.OldTolerance{Relative: 0.08}))
	}
	return claims, nil
}

// landscapeFlat claims that a column does not change for t ≤ 1.
func landscapeFlat(name, column string, rows []reproduce.Row) reproduce.Claim {
	low, high := math.Inf(1), math.Inf(-1)
	for _, row := range rows {
		if row.Num("t") <= 1 {
			low, high = math.Min(low, row.Num(column)), math.Max(high, row.Num(column))
		}
	}
	if column == "loss" {
		return reproduce.OldCheck(name+"loss for t ≤ 1, largest minus smallest", reproduce.Exact(high-low), reproduce.Exact(0), "exactly 0", high == low)
	}
	return reproduce.OldCheck(name+"largest gradient for t ≤ 1", reproduce.Exact(high), reproduce.Exact(0), "exactly 0", high == 0)
}
