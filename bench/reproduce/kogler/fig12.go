package kogler

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"

	"autoamp/bench/reproduce"
	"autoamp/datasets"
	"autoamp/train/figure"
)

// figure12: the law of whitened pixels. The paper's class and channel are lost: several are measured, and their spread is the error.
func figure12() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "kogler-fig12", Paper: paperName,
		Title:   "Histogram of whitened CIFAR-10 pixels beside the Laplace density of unit variance",
		Claim:   "Whitened pixels follow the Laplace law, and not the Gaussian one.",
		Minutes: reproduce.Minutes{Quick: 0.5, Paper: 1.5, Large: 1.5},
		Columns: []string{"class", "channel", "seed", "from", "to", "density", "laplace", "laplace_distance", "gauss_distance", "second_moment", "abs_mean", "kurtosis"},
		Cells: func(p reproduce.Params) ([]reproduce.Cell, error) {
			var cells []reproduce.Cell
			for i, c := range pixelClasses() {
				if p.Scale == reproduce.Quick {
					c.Size = quickImages / 2
				}
				s := pixelSettings{c, p.Seed + uint64(i)}
				cells = append(cells, reproduce.Cell{Name: c.String() + "-" + c.Channel, Settings: s, Run: s.rows})
			}
			return cells, nil
		},
		Figures: fig12Figures,
		Claims:  fig12Claims,
	}
}

// pixelClasses are the classes and channels that are measured; the figure draws the first.
func pixelClasses() []imageClass {
	return []imageClass{
		automobiles,
		{Set: "cifar10", Class: "airplane", Channel: "red"},
		{Set: "cifar10", Class: "dog", Channel: "blue"},
		{Set: "cifar10", Class: "ship", Channel: "green"},
		{Set: "cifar10", Class: "frog", Channel: "red"},
		{Set: "cifar10", Class: "horse", Channel: "blue"},
	}
}

// pixelSettings are a cell. The seed is that of the augmentation and of the million pixels that the distances are from.
type pixelSettings struct {
	Images imageClass `json:"images"`
	Seed   uint64     `json:"seed"`
}

func (s pixelSettings) rows(ctx context.Context, _ *reproduce.Env) (*reproduce.Output, error) {
	images, err := s.Images.open(ctx, s.Seed)
	if err != nil {
		return nil, err
	}
	law, out := datasets.NewPixelLaw(images.Train, s.Seed), &reproduce.Output{}
	for _, bin := range law.Histogram {
		out.Rows = append(out.Rows, reproduce.Row{
			"class": s.Images.Class, "channel": s.Images.Channel, "seed": s.Seed,
			"from": bin.From, "to": bin.To, "density": bin.Density, "laplace": bin.Laplace, "laplace_distance": law.LaplaceDistance,
			"gauss_distance": law.GaussDistance, "second_moment": law.SecondMoment, "abs_mean": law.AbsMean, "kurtosis": law.Kurtosis,
		})
	}
	return out, nil
}

func fig12Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	var steps, gauss plotter.XYs
	for _, row := range reproduce.Where(r.Rows, "class", automobiles.Class) {
		steps = append(steps, plotter.XY{X: row.Num("from"), Y: row.Num("density")}, plotter.XY{X: row.Num("to"), Y: row.Num("density")})
	}
	laplace := plotter.XYs{}
	for _, x := range ladder(-5, 5, 400) {
		laplace = append(laplace, plotter.XY{X: x, Y: math.Exp(-math.Sqrt2*math.Abs(x)) / math.Sqrt2})
		gauss = append(gauss, plotter.XY{X: x, Y: math.Exp(-x*x/2) / math.Sqrt(2*math.Pi)})
	}
	c := figure.Chart{
		Title: "CIFAR-10 automobiles, green, whitened", X: "pixel, in standard deviations", Y: "density (logarithmic)",
		XMin: -5, XMax: 5, YMin: 2e-4, YMax: 1, LogY: true,
	}
	c.Add(
		figure.Curve{Label: "Gauss", Points: gauss, Pen: figure.Dot(figure.Grey)},
		figure.Curve{Label: "Laplace", Points: laplace, Pen: figure.Dash(figure.Blue)},
		figure.Curve{Label: "pixels", Points: steps, Pen: figure.Solid(figure.Vermilion)},
	)
	return []reproduce.Figure{{Name: "kogler-fig12", Paint: c.Paint, Caption: fmt.Sprintf("Histogram of a million whitened pixels beside the laws of equal variance. "+
		"The claims are about %d classes and channels.", len(pixelClasses()))}}, nil
}

// fig12Claims say what a good fit is: in three numbers the pixels are at most a quarter as far from the Laplace law as the Gaussian
// law is.
func fig12Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	first := func(number func(reproduce.Row) float64) reproduce.Estimate {
		return reproduce.PerSeed(r.Rows, func(rows []reproduce.Row) float64 { return number(rows[0]) })
	}
	laplace := first(func(row reproduce.Row) float64 { return row.Num("laplace_distance") })
	gauss := first(func(row reproduce.Row) float64 { return row.Num("gauss_distance") })
	square := first(func(row reproduce.Row) float64 {
		return row.Num("abs_mean") * row.Num("abs_mean") / row.Num("second_moment")
	})
	apart := 2/math.Pi - 0.5
	return []reproduce.Claim{
		reproduce.Equal("Kolmogorov distance of the pixels to the Laplace law", laplace, reproduce.ClosedForm(0), gauss.Value, gauss.Value/4),
		reproduce.Equal("(E|x|)²/E x² of the pixels, beside the Laplace law's 1/2; the Gaussian law has 2/π", square, reproduce.ClosedForm(0.5), apart, apart/4),
	}, nil
}
