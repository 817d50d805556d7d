package nguyen

import (
	"context"
	"fmt"

	"gonum.org/v1/plot/plotter"

	. "autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// The step sizes: the paper's ζ = m, and the one at which its figure's contrast shows.
var stepSizes = []float64{10, 2}

// descentColumns are the columns of both figures.
var descentColumns = []string{"init", "noise", "zeta", "seed", "iteration", "loss", "distance"}

// descentCells are a cell for every step size, initialisation and noise level.
func descentCells(p Params, noises []float64, seeds int) (cells []Cell) {
	for _, zeta := range stepSizes {
		for _, init := range initialisations() {
			for _, noise := range noises {
				var settings []descent
				for seed := range seeds {
					settings = append(settings, descent{Init: init, Noise: noise, Zeta: zeta, Seed: p.Seed + uint64(seed)})
				}
				name := fmt.Sprintf("%s-noise%g-zeta%g", init, noise, zeta)
				cells = append(cells, Cell{Name: name, Settings: settings, Run: func(ctx context.Context, env *Env) (*Output, error) {
					return descentRows(ctx, env, settings)
				}})
			}
		}
	}
	return cells
}

func descentRows(ctx context.Context, env *Env, settings []descent) (*Output, error) {
	out := &Output{}
	for _, s := range settings {
		rows, err := s.run(ctx, env.Executor)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out.Rows = append(out.Rows, Row{
				"init": r.Init, "noise": r.Noise, "zeta": r.Zeta, "seed": r.Seed, "iteration": r.Iteration, "loss": r.Loss, "distance": r.Distance,
			})
		}
	}
	return out, nil
}

// medians are the medians over seeds of a column by iteration.
func medians(rows []Row, column string) (points plotter.XYs) {
	for _, i := range Distinct(rows, "iteration") {
		points = append(points, plotter.XY{X: i, Y: Median(Where(rows, "iteration", i), column).Value})
	}
	return points
}

// descentChart draws a column for every initialisation.
func descentChart(rows []Row, title, y, column string) *figure.Chart {
	c := &figure.Chart{Title: title, X: "iteration", Y: y}
	for i, init := range initialisations() {
		pen := figure.Solid(figure.Colour(i))
		c.Add(figure.Curve{Label: init, Points: medians(Where(rows, "init", init), column), Pen: pen})
	}
	return c
}
