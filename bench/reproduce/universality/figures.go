package universality

import (
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/bench/reproduce"
	"autoamp/train/codec/inference"
	"autoamp/train/figure"
)

// figures draws what the table has so far.
func figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	byRounds, err := roundsChart(r)
	if err != nil {
		return nil, err
	}
	return []reproduce.Figure{
		{
			Name: "amp-universality", Paint: independentChart(r).Paint,
			Caption: "Rows of independent numbers, six laws and r = 0.5, 1, 1.5: three rounds beside a Haar matrix on the same rows, with standard errors.",
		},
		{
			Name: "amp-universality-rounds", Paint: byRounds.Paint,
			Caption: "Structured rows at r = 1, each with the decoder that shows the structure; 1 is the theory of a Haar encoder, the marks at 0 rounds are Haar matrices.",
		},
	}, nil
}

// colours are those of the decoders, in order of inference.Methods.
var colours = []figure.Marks{
	{Colour: figure.Grey}, {Colour: figure.Blue}, {Colour: figure.Vermilion, Shape: draw.SquareGlyph{}}, {Colour: figure.Green, Shape: draw.TriangleGlyph{}},
}

// independentChart shows Hadamard over Haar at each point of law, rate and decoder, at Haar's error.
func independentChart(r *reproduce.Results) *figure.Chart {
	c := &figure.Chart{Title: "Hadamard beside Haar, rows of independent numbers", X: "MSE per coordinate behind a Haar matrix", Y: "Hadamard over Haar, % more error", XMin: 0, XMax: 0.75, YMin: -2, YMax: 2}
	for _, m := range inference.Methods() {
		marks := colours[m]
		marks.Label = m.String()
		for _, k := range independent() {
			for _, rate := range rates {
				marks = with(marks, reproduce.Mean(k.at(r.Rows, 0, rate, m), "mse", "").Value, reproduce.PerSeed(k.paired(r.Rows, rounds, rate, m), excess).Times(100))
			}
		}
		c.Mark(marks)
	}
	c.Level(0, "", figure.Solid(figure.Black))
	return c
}

// with adds a point, if there is one in a table that may be unfinished.
func with(m figure.Marks, x float64, y reproduce.Estimate) figure.Marks {
	if !math.IsNaN(x) && !math.IsNaN(y.Value) {
		m.Points, m.Errors = append(m.Points, plotter.XY{X: x, Y: y.Value}), append(m.Errors, y.Stderr)
	}
	return m
}

// roundsChart shows the errors of structured rows over the theory's against the number of rounds.
func roundsChart(r *reproduce.Results) (*figure.Chart, error) {
	c := &figure.Chart{Title: "Structured rows, by rounds of signs and transform", X: "rounds (0: Haar)", Y: "MSE over the theory's", XMin: -0.2, XMax: 3.2}
	shapes := []figure.Marks{
		{Colour: figure.Blue}, {Colour: figure.Vermilion, Shape: draw.SquareGlyph{}}, {Colour: figure.Green, Shape: draw.TriangleGlyph{}}, {Colour: figure.Black, Shape: draw.CrossGlyph{}},
	}
	for i, k := range structured() {
		theory, err := k.predicted(sizes[r.Scale].dim, 1, k.judged)
		if err != nil {
			return nil, err
		}
		marks := shapes[i]
		marks.Label = k.name + ", " + k.judged.String()
		for count := range rounds + 1 {
			marks = with(marks, float64(count), reproduce.Mean(k.at(r.Rows, count, 1, k.judged), "mse", "").Times(1/theory))
		}
		c.Mark(marks)
	}
	c.Level(1, "theory", figure.Dash(figure.Grey))
	return c, nil
}
