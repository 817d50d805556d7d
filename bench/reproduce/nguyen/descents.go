package nguyen

import (
	"context"
	"fmt"

	"gonum.org/v1/plot/plotter"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// The step sizes: the paper's ζ = m, and the one at which its figure's contrast shows.
var stepSizes = []float64{10, 2}

// descentColumns are the columns of both figures.
var descentColumns = []string{"init", "noise", "zeta", "seed", "iteration", "loss", "distance"}

// descentCells are a cell for every step size, initialisation and noise level.
func descentCells(p reproduce.Params, noises []float64, seeds int) (cells []reproduce.Cell) {
	for _, zeta := range stepSizes {
		for _, init := range initialisations() {
			for _, noise := range noises {
				var settings []descent
				for seed := range seeds {
					settings = append(settings, descent{Init: init, Noise: noise, Zeta: zeta, Seed: p.Seed + uint64(seed)})
				}
				name := fmt.Sprintf("%s-noise%g-zeta%g", init, noise, zeta)
				cells = append(cells, reproduce.Cell{Name: name, Settings: settings, Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
					return descentRows(ctx, env, settings)
				}})
			}
		}
	}
	return cells
}

func descentRows(ctx context.Context, env *reproduce.Env, settings []descent) (*reproduce.Output, error) {
	out := &reproduce.Output{}
	for _, s := range settings {
		rows, err := s.run(ctx, env.Executor)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out.Rows = append(out.Rows, reproduce.Row{
				"init": r.Init, "noise": r.Noise, "zeta": r.Zeta, "seed": r.Seed, "iteration": r.Iteration, "loss": r.Loss, "distance": r.Distance,
			})
		}
	}
	return out, nil
}

// medians are the medians over seeds of a column by iteration.
func medians(rows []reproduce.Row, column string) (points plotter.XYs) {
	for _, i := range reproduce.Distinct(rows, "iteration") {
		points = append(points, plotter.XY{X: i, Y: reproduce.OldMedian(reproduce.Where(rows, "iteration", i), column).Value})
	}
	return points
}

// descentChart draws a column for every initialisation.
func descentChart(rows []reproduce.Row, title, y, column string) *figure.Chart {
	c := &figure.Chart{Title: title, X: "iteration", Y: y}
	for i, init := range initialisations() {
		pen := figure.Solid(figure.Colour(i))
		c.Add(figure.Curve{Label: init, Points: medians(reproduce.Where(rows, "init", init), column), Pen: pen})
	}
	return c
}
