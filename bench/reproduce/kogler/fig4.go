package kogler

import (
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
)

const fig4P = 0.4

// fig4Recipes are a recipe for each group of rates, low ones first. At low rates the Haar encoder and time-sharing are close, so
// that the excess at finite d must be small. There d is larger, and there are more seeds. The recipe of low rates serves 0.5 too:
// there the Haar encoder is a local minimum, since its error is convex in the rate from 0.47 on, and only large steps leave it for
// time-sharing (amp/THEORY.md §6.2). With a rate of 0.005, τ = 0.1 and free rows no column is empty at r = 0.5, d = 200, and the
// error is the Haar denoiser's, 0.6491.
var fig4Recipes = map[reproduce.Scale][]recipe{
	reproduce.Quick: {
		{dim: 200, steps: 5000, batch: 128, seeds: 5, rates: []float64{0.25}},
		{dim: 100, steps: 4000, batch: 128, seeds: 3, rates: []float64{0.5}},
		{dim: 100, steps: 4000, batch: 128, seeds: 3, rates: []float64{1, 1.5}},
	},
	reproduce.Paper: {
		{dim: 400, steps: 16000, batch: 128, seeds: 5, rates: []float64{0.1}},
		{dim: 400, steps: 12000, batch: 128, seeds: 5, rates: []float64{0.25}},
		{dim: 200, steps: 8000, batch: 128, seeds: 3, rates: []float64{0.5}},
		{dim: 200, steps: 8000, batch: 128, seeds: 3, rates: []float64{0.75, 1, 1.25, 1.5}},
	},
	reproduce.Large: {
		{dim: 4096, steps: 20000, batch: 4096, seeds: 3, rates: []float64{0.25, 0.5}},
		{dim: 4096, steps: 20000, batch: 4096, seeds: 3, rates: []float64{1, 1.5}},
	},
}

// fig4Trainings are the denoiser at all rates.
func fig4Trainings(p reproduce.Params) []reproduce.Training {
	var trainings []reproduce.Training
	for _, r := range fig4Recipes[p.Scale] {
		model := train.ModelConfig{Name: "denoiser", Tau: 0.1}
		r.p, r.learningRate = []float64{fig4P}, 0.005
		if r.rates[0] <= 0.5 {
			r, model = r.lowRate(model)
		}
		trainings = append(trainings, r.perRate(p, "denoiser", model, "sparse-gaussian")...)
	}
	for i := range trainings {
		if rate := trainings[i].Config.Model.Rate; rate == 1 || rate == 0.25 {
			trainings[i].Encoders = []float64{fig4P}
		}
	}
	return trainings
}

// figure4: the denoising autoencoder on sparse Gaussian data against the rate.
func figure4() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "kogler-fig4", Paper: paperName,
		Title: "Error against the rate, sparse Gaussian data, p = 0.4, denoiser; heat map of BBᵀ",
		Claim: "The encoder stays Haar-like, BBᵀ ≈ I and A ≈ αBᵀ, and the error is the Haar denoiser's, below R_Gauss. " +
			"At low rates the encoder serves a part of the coordinates, and the error is that of time-sharing (amp/THEORY.md §6.2).",
		Minutes: reproduce.Minutes{Quick: 1, Paper: 5},
		Columns: reproduce.TrainingColumns,
		Cells:   func(p reproduce.Params) ([]reproduce.Cell, error) { return cellsOf(fig4Trainings(p)), nil },
		Figures: fig4Figures,
		Claims:  fig4Claims,
	}
}

func fig4Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	theory, err := predictAll(r, "sparse-gaussian", fig4P, ladder(0.02, 1.5, 74))
	if err != nil {
		return nil, err
	}
	finite, err := overRows(r, func(c candidates) float64 { return c.share.finite })
	if err != nil {
		return nil, err
	}
	c := figure.Chart{Title: "Sparse Gaussian data, p = 0.4, denoiser", X: axisRate, Y: axisMSE, XMax: 1.55}
	c.Add(
		curve("linear decoder", theory, overRate, figure.Dash(figure.Grey), gaussian),
		curve("denoiser, Haar", theory, overRate, figure.Solid(figure.Blue), denoiser),
		curve("denoiser, time-sharing", theory, overRate, figure.Pen{Colour: figure.Green, Dashes: figure.DashDot}, denoiserShare),
		figure.Curve{Label: "its excess at finite d", Points: finite, Pen: figure.Dot(figure.Green)},
		curve("Shannon's bound", theory, overRate, figure.Pen{Colour: figure.Black, Dashes: figure.DashDot}, shannon),
	)
	c.Mark(trained("trained, "+seedsOf(finals(r)), finals(r), "rate", figure.Vermilion))
	b, err := r.Matrix(reproduce.EncoderName("denoiser-r1", fig4P))
	if err != nil {
		return nil, err
	}
	name, m := gram(b)
	low, err := r.Matrix(reproduce.EncoderName("denoiser-r0.25", fig4P))
	if err != nil {
		return nil, err
	}
	return []reproduce.Figure{{
		Name: "kogler-fig4", Width: 11 * vg.Inch, Height: 6.4 * vg.Inch,
		Caption: "Left: BBᵀ of a trained encoder at r = 1, and the rows of one at r = 0.25, whose columns are in the order of their energy: " +
			"most are empty. Right: error against the rate.",
		Paint: figure.Row([]float64{1, 1.75}, figure.Column([]float64{1.6, 1},
			figure.Square(figure.HeatMap{Title: name + ", r = 1", M: cut(m)}.Paint),
			figure.HeatMap{Title: "B, r = 0.25", M: byEnergy(low)}.Paint), c.Paint),
	}}, nil
}

// overRows is a number of the theory at each rate, and at the dimension of its rows.
func overRows(r *reproduce.Results, number func(candidates) float64) (plotter.XYs, error) {
	rows := finals(r)
	var points plotter.XYs
	for _, rate := range reproduce.Distinct(rows, "rate") {
		c, err := candidatesAt(r, reproduce.Pick(rows, "rate", rate))
		if err != nil {
			return nil, err
		}
		points = append(points, plotter.XY{X: rate, Y: number(c)})
	}
	return points, nil
}

func fig4Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	for _, rate := range reproduce.Distinct(finals(r), "rate") {
		rows := reproduce.Where(finals(r), "rate", rate)
		c, err := candidatesAt(r, rows[0])
		if err != nil {
			return nil, err
		}
		claims = append(claims, c.denoiserClaim(rate, rows))
		claims = append(claims, c.encoderClaims(rate, rows)...)
	}
	return claims, nil
}
