package rangamani

import (
	"context"
	"fmt"

	"gonum.org/v1/plot/vg"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// figures1To6 is Figures 1 to 6: loss and gradient on lines through the dictionary, at three sparsities.
func figures1To6() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "rangamani-fig1", Paper: paperName,
		Title: "Figures 1 to 6: loss and gradient along W = A* + t·ΔW, on both sides of the dictionary",
		Claim: "The dictionary is a local minimum along random lines: loss and gradient norm have a minimum there and fall towards it from both sides. Where " +
			"p is so large that the bias exceeds every pre-activation, the loss is flat and its gradient zero. (The paper's h and p are lost.)",
		Minutes: reproduce.Minutes{Quick: 0.3, Paper: 1, Large: 1},
		Columns: []string{"figure", "source", "h", "p", "dim", "prefactor", "samples", "seed", "direction", "t", "loss", "norm"},
		Cells:   lineCells,
		Figures: lineFigures,
		Claims:  lineClaims,
	}
}

// The sources of a row of Figures 1 to 6.
const (
	fromNet     = "net"     // a dictionary, and lines through it
	fromAverage = "average" // the average over dictionaries and lines, with the seed of its sample
)

// lineSettings are the settings of Figures 1 and 2 (loss and gradient), 3 and 4, 5 and 6 of Rangamani et al. The paper's h
// and p are lost; these settings show the shapes that its text describes (amp/THEORY.md §13.4). In the last the bias exceeds
// every pre-activation near the dictionary.
func lineSettings(seed uint64) []setting {
	return []setting{
		{H: 256, P: 0.01, Dim: 100, Prefactor: 0.1, Samples: 1500, Seed: seed},
		{H: 256, P: 0.25, Dim: 100, Prefactor: 0.1, Samples: 1500, Seed: seed},
		{H: 256, P: 0.5, Dim: 100, Prefactor: 0.6, Samples: 1500, Seed: seed},
	}
}

// lineAverage is the sample of the average of a setting, and the number of seeds that it is repeated with.
type lineAverage struct {
	setting
	Count int `json:"count"`
	Seeds int `json:"seeds"`
}

func lineCells(p reproduce.Params) (cells []reproduce.Cell, err error) {
	seeds, directions, count := 8, 5, 1000
	if p.Scale != reproduce.Quick {
		seeds, directions, count = 12, 8, 3000
	}
	for i := range lineSettings(0) {
		figure := 2*i + 1
		for _, seed := range p.Seeds(seeds) {
			s := lineSettings(seed)[i]
			cells = append(cells, reproduce.Cell{
				Name: fmt.Sprintf("fig%d-seed%d", figure, seed), Settings: map[string]any{"setting": s, "directions": directions},
				Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
					rows, err := s.lines(ctx, env.Executor, directions, lineT)
					out := &reproduce.Output{}
					for _, r := range rows {
						out.Rows = append(out.Rows, lineOutput(figure, fromNet, s, r))
					}
					return out, err
				},
			})
		}
		a := lineAverage{lineSettings(0)[i], count, 8}
		cells = append(cells, reproduce.Cell{Name: fmt.Sprintf("fig%d-average", figure), Settings: a, Run: func(ctx context.Context, _ *reproduce.Env) (*reproduce.Output, error) {
			return a.rows(ctx, figure)
		}})
	}
	return cells, nil
}

// rows are the average losses on a line.
func (a lineAverage) rows(ctx context.Context, figure int) (*reproduce.Output, error) {
	out := &reproduce.Output{}
	for seed := range a.Seeds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s := a.setting
		s.Samples, s.Seed = a.Count, uint64(seed)
		for i, loss := range s.averageLosses(lineT, a.Count, s.Seed) {
			row := lineOutput(figure, fromAverage, s, lineRow{T: lineT[i], Loss: loss})
			delete(row, "norm")
			out.Rows = append(out.Rows, row)
		}
	}
	return out, nil
}

func lineOutput(figure int, source string, s setting, r lineRow) reproduce.Row {
	return reproduce.Row{
		"figure": figure, "source": source, "h": s.H, "p": s.P, "dim": s.Dim, "prefactor": s.Prefactor, "samples": s.Samples, "seed": s.Seed,
		"direction": r.Direction, "t": r.T, "loss": r.Loss, "norm": r.Norm,
	}
}

func lineFigures(r *reproduce.Results) (figures []reproduce.Figure, err error) {
	for _, number := range reproduce.Distinct(r.Rows, "figure") {
		first := reproduce.Pick(r.Rows, "figure", number)
		rows := reproduce.Where(r.Rows, "figure", number, "source", fromNet)
		average := reproduce.Where(r.Rows, "figure", number, "source", fromAverage)
		flat := at(rows, 0, "norm") == 0 // no logarithm
		title := fmt.Sprintf("h = %g, p = %g", first.Num("h"), first.Num("p"))
		loss := figure.Chart{Title: title, X: "t", Y: "loss ½E‖y − ŷ‖²", LogY: !flat}
		norm := figure.Chart{X: "t, distance of a column from the dictionary's", Y: "mean norm of a column's gradient", LogY: !flat}
		for _, seed := range reproduce.Distinct(rows, "seed") {
			line := reproduce.Where(rows, "seed", seed, "direction", 0)
			loss.Add(figure.Curve{Points: reproduce.Points(line, "t", "loss"), Pen: figure.Solid(figure.Blue)})
			norm.Add(figure.Curve{Points: reproduce.Points(line, "t", "norm"), Pen: figure.Solid(figure.Vermilion)})
		}
		loss.Mark(figure.Marks{Label: "average over dictionaries and lines", Points: reproduce.Points(reproduce.Where(average, "seed", 0), "t", "loss"), Colour: figure.Colour(2)})
		figures = append(figures, reproduce.Figure{
			Name: fmt.Sprintf("rangamani-fig%g", number), Height: 6 * vg.Inch, Width: 7 * vg.Inch,
			Paint:   figure.Column(reproduce.EqualShares(2), loss.Paint, norm.Paint),
			Caption: fmt.Sprintf("Figures %g and %g: one line through each of the dictionaries.", number, number+1),
		})
	}
	return figures, nil
}
