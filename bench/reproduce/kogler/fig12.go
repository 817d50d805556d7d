package kogler

import (
	"context"
	"fmt"
	"maps"
	"math"

	"gonum.org/v1/plot/plotter"

	"autoamp/bench/reproduce"
	"autoamp/datasets"
	"autoamp/train/figure"
)

// figure12: the law of whitened pixels. The paper's class and channel are lost.
func figure12() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "kogler-fig12", Paper: paperName,
		Title:   "Histogram of whitened CIFAR-10 pixels beside the Laplace density of unit variance",
		Claim:   "Whitened pixels follow the Laplace law, and not the Gaussian one.",
		Minutes: reproduce.Minutes{Quick: 0.7, Paper: 2, Large: 2},
		Columns: []string{"class", "channel", "seed", "from", "to", "density", "laplace", "laplace_distance", "gauss_distance", "second_moment", "abs_mean", "kurtosis"},
		Cells:   pixelCells,
		Figures: fig12Figures,
		Claims:  fig12Claims,
	}
}

// pixelClasses are the classes and channels that are measured.
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

// pixelCells are three augmentations of the automobiles, which the figure draws, and one of every other class; at quick of the
// first three others, with fewer images.
func pixelCells(p reproduce.Params) ([]reproduce.Cell, error) {
	classes := pixelClasses()
	if p.Scale == reproduce.Quick {
		classes = classes[:4]
		for i := range classes {
			classes[i].Size = quickImages / 2
		}
	}
	var all []pixelSettings
	for _, seed := range p.Seeds(3) {
		all = append(all, pixelSettings{classes[0], seed})
	}
	for _, c := range classes[1:] {
		all = append(all, pixelSettings{c, p.Seed})
	}
	var cells []reproduce.Cell
	for _, s := range all {
		cells = append(cells, reproduce.Cell{Name: fmt.Sprintf("%v-%s-%d", s.Images, s.Images.Channel, s.Seed), Settings: s, Run: s.rows})
	}
	return cells, nil
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
	for _, row := range reproduce.Where(r.Rows, "class", automobiles.Class, "seed", r.Seed) {
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
	return []reproduce.Figure{{Name: "kogler-fig12", Paint: c.Paint, Caption: "Histogram of a million whitened pixels beside the laws of equal variance."}}, nil
}

// fig12Claims are about the class that is drawn, with an error from augmentations, and about all classes, with an error from
// classes. A good fit is one of pixels that are at most a quarter as far from the Laplace law as the Gaussian law is.
func fig12Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	drawn := reproduce.Where(r.Rows, "class", automobiles.Class)
	number := func(f func(reproduce.Row) float64) reproduce.Estimate {
		return reproduce.PerSeed(drawn, func(rows []reproduce.Row) float64 { return f(rows[0]) })
	}
	laplace := number(func(row reproduce.Row) float64 { return row.Num("laplace_distance") })
	gauss := number(func(row reproduce.Row) float64 { return row.Num("gauss_distance") })
	square := number(func(row reproduce.Row) float64 {
		return row.Num("abs_mean") * row.Num("abs_mean") / row.Num("second_moment")
	})
	const apart = 2/math.Pi - 0.5
	return []reproduce.Claim{
		reproduce.Equal("automobiles: Kolmogorov distance of the pixels to the Laplace law", laplace, reproduce.ClosedForm(0), gauss.Value, gauss.Value/4),
		reproduce.Equal("automobiles: (E|x|)²/E x² of the pixels, beside the Laplace law's 1/2; the Gaussian law has 2/π", square, reproduce.ClosedForm(0.5), apart, apart/4),
		reproduce.Above("all classes: distance to the Gaussian law less that to the Laplace law", nearerToLaplace(r.Rows), reproduce.ClosedForm(0), laplaceToGauss()),
	}, nil
}

// laplaceToGauss is Kolmogorov's distance of the Laplace law and the Gaussian law of equal variance, which is where their
// densities cross: the difference of the distances for Laplace pixels, and with the other sign for Gaussian ones.
func laplaceToGauss() float64 {
	const cross = 0.4894 // standard deviations
	return 1 - math.Exp(-math.Sqrt2*cross)/2 - math.Erfc(-cross/math.Sqrt2)/2
}

// nearerToLaplace is the difference of the distances, a mean over classes. The class stands for the seed.
func nearerToLaplace(rows []reproduce.Row) reproduce.Estimate {
	var classes []reproduce.Row
	seen := map[string]bool{}
	for _, row := range rows {
		if class := row.Text("class"); !seen[class] {
			seen[class] = true
			row = maps.Clone(row)
			row["seed"], row["nearer"] = class, row.Num("gauss_distance")-row.Num("laplace_distance")
			classes = append(classes, row)
		}
	}
	return reproduce.Mean(classes, "nearer", "")
}
