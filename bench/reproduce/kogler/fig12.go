package kogler

import (
	"context"
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
		Minutes: reproduce.Minutes{Quick: 0.2, Paper: 0.2, Large: 0.2},
		Columns: []string{"from", "to", "density", "laplace", "laplace_distance", "gauss_distance", "second_moment", "abs_mean"},
		Cells: func(p reproduce.Params) ([]reproduce.Cell, error) {
			s := datasets.ImageSettings{Name: "cifar10", Channel: "green", Augment: true, Whiten: true, Seed: p.Seed}
			return []reproduce.Cell{{Name: "pixels", Settings: map[string]any{"images": "cifar10 automobile green", "seed": p.Seed}, Run: func(ctx context.Context, _ *reproduce.Env) (*reproduce.Output, error) {
				return fig12Rows(ctx, s)
			}}}, nil
		},
		Figures: fig12Figures,
		Claims:  fig12Claims,
	}
}

func fig12Rows(ctx context.Context, s datasets.ImageSettings) (*reproduce.Output, error) {
	class, err := datasets.Class(s.Name, "automobile")
	if err != nil {
		return nil, err
	}
	s.Classes = []int{class}
	images, err := datasets.Images(ctx, s)
	if err != nil {
		return nil, reproduce.NotFetched(err, s.Name)
	}
	law, out := datasets.NewPixelLaw(images.Train, s.Seed), &reproduce.Output{}
	for _, bin := range law.Histogram {
		out.Rows = append(out.Rows, reproduce.Row{
			"from": bin.From, "to": bin.To, "density": bin.Density, "laplace": bin.Laplace, "laplace_distance": law.LaplaceDistance,
			"gauss_distance": law.GaussDistance, "second_moment": law.SecondMoment, "abs_mean": law.AbsMean,
		})
	}
	return out, nil
}

func fig12Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	var steps, gauss plotter.XYs
	for _, row := range r.Rows {
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

func fig12Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	row := r.Rows[0]
	laplace, gauss := reproduce.Exact(row.Num("laplace_distance")), reproduce.Exact(row.Num("gauss_distance"))
	square := row.Num("abs_mean") * row.Num("abs_mean") / row.Num("second_moment")
	return []reproduce.Claim{
		reproduce.OldEqual("Kolmogorov distance of the pixels to the Laplace law", laplace, reproduce.Exact(0), reproduce.OldTolerance{Absolute: 0.03}),
		reproduce.OldBelow("distance to the Laplace law, beside half of that to the Gaussian law", laplace, reproduce.Exact(gauss.Value/2), 0),
		reproduce.OldBelow("(E|x|)²/E x² of the pixels, beside 2/π", reproduce.Exact(square), reproduce.Exact(2/math.Pi), 0),
		reproduce.OldEqual("(E|x|)²/E x² of the pixels, beside the Laplace law's 1/2", reproduce.Exact(square), reproduce.Exact(0.5), reproduce.OldTolerance{Relative: 0.1}),
	}, nil
}
