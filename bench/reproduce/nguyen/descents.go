package nguyen

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// The step sizes: the paper's ζ = m, and ζ = m/5, at which its figure's contrast shows.
const literal, smaller = 10.0, 2.0

// descentColumns are the columns of both figures.
var descentColumns = []string{"init", "noise", "zeta", "schedule", "dictionary", "samples", "seed", "iteration", "loss", "distance"}

// samplesAt is the number of samples: the paper's 10,000, or fewer.
func samplesAt(scale reproduce.Scale) int {
	if scale == reproduce.Quick {
		return 4000
	}
	return 10000
}

// descentCell is a cell of one setting and several seeds.
func descentCell(name string, d descent, p reproduce.Params, seeds int) reproduce.Cell {
	d.Samples = samplesAt(p.Scale)
	var settings []descent
	for _, seed := range p.Seeds(seeds) {
		d.Seed = seed
		settings = append(settings, d.withDefaults())
	}
	return reproduce.CellOf(name, settings, descentRows)
}

func descentRows(ctx context.Context, env *reproduce.Env, s descent) (rows []reproduce.Row, err error) {
	trace, err := s.run(ctx, env.Executor)
	if err != nil {
		return nil, err
	}
	for _, r := range trace {
		rows = append(rows, reproduce.Row{
			"init": r.Init, "noise": r.Noise, "zeta": r.Zeta, "schedule": r.Schedule, "dictionary": r.Dictionary, "samples": r.Samples,
			"seed": r.Seed, "iteration": r.Iteration, "loss": r.Loss, "distance": r.Distance,
		})
	}
	return rows, nil
}

// spread adds the geometric mean over seeds of a column, and dotted the smallest and the largest of the seeds.
func spread(c *figure.Chart, rows []reproduce.Row, column, label string, i int) {
	var mean, low, high plotter.XYs
	for _, t := range reproduce.Distinct(rows, "iteration") {
		at := numbers(reproduce.Where(rows, "iteration", t), func(r reproduce.Row) float64 { return math.Log(r.Num(column)) })
		sum, least, most := 0.0, math.Inf(1), math.Inf(-1)
		for _, x := range at {
			sum, least, most = sum+x, math.Min(least, x), math.Max(most, x)
		}
		mean = append(mean, plotter.XY{X: t, Y: math.Exp(sum / float64(len(at)))})
		low, high = append(low, plotter.XY{X: t, Y: math.Exp(least)}), append(high, plotter.XY{X: t, Y: math.Exp(most)})
	}
	colour := figure.Colour(i)
	c.Add(figure.Curve{Label: label, Points: mean, Pen: figure.Solid(colour)},
		figure.Curve{Points: low, Pen: figure.Dot(colour)}, figure.Curve{Points: high, Pen: figure.Dot(colour)})
}

// descentChart draws a column for every initialisation.
func descentChart(rows []reproduce.Row, title, y, column string) *figure.Chart {
	c := &figure.Chart{Title: title, X: "iteration", Y: y, LogY: true}
	for i, init := range initialisations() {
		spread(c, reproduce.Where(rows, "init", init), column, init, i)
	}
	return c
}

// cellName is the name of a descent's cell.
func cellName(d descent) string { return fmt.Sprintf("%s-noise%g-zeta%g", d.Init, d.Noise, d.Zeta) }
