package kogler

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg/draw"

	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
)

// deepDecoders is a claim of the text, without a figure: a deep fully connected decoder does no better than eq. (4). The
// architecture is amp/THEORY.md's choice.
func deepDecoders() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "kogler-deep", Paper: paperName,
		Title:   "Error of fully connected decoders of one to five hidden layers, beside the denoiser's",
		Claim:   "More layers without structure do not help: no fully connected decoder is better than the denoiser, eq. (4).",
		Minutes: reproduce.Minutes{Quick: 2, Paper: 15},
		Columns: append([]string{"depth", "width"}, reproduce.TrainingColumns...),
		Cells:   deepCells,
		Figures: deepFigures,
		Claims:  deepClaims,
	}
}

// deepCase is a law, a rate and a dimension at which decoders are compared.
type deepCase struct {
	p, rate float64
	dim     int
}

func (c deepCase) String() string { return fmt.Sprintf("p = %g, r = %g, d = %d", c.p, c.rate, c.dim) }

// rows are the trained models of the case.
func (c deepCase) rows(r *reproduce.Results) []reproduce.Row {
	return reproduce.Where(finals(r), "p", c.p, "rate", c.rate, "dim", c.dim)
}

// deepNet is a decoder: hidden layers of width·d units, or without layers the denoiser.
type deepNet struct {
	deepCase
	depth, width, steps, seeds int
}

// The cases. The second is at r = 1, where a net has twice the inputs to combine. Nets need more steps at larger d: at d = 100 one of
// three layers has 0.621 after 6000 steps, at d = 200 one of two layers 0.696 after 3000, above the linear decoder. They are left out,
// since such a comparison would say nothing.
var (
	deepLow  = deepCase{0.2, 0.5, 50}
	deepHigh = deepCase{0.4, 1, 50}
)

var deepNets = map[reproduce.Scale][]deepNet{
	reproduce.Quick: {
		{deepLow, 0, 0, 16000, 5}, {deepLow, 1, 4, 8000, 3}, {deepLow, 3, 4, 12000, 5},
		{deepHigh, 0, 0, 8000, 3}, {deepHigh, 3, 4, 8000, 3},
	},
	reproduce.Paper: {
		{deepLow, 0, 0, 20000, 6}, {deepLow, 1, 4, 8000, 3}, {deepLow, 2, 4, 12000, 3}, {deepLow, 3, 4, 12000, 5}, {deepLow, 4, 4, 20000, 6},
		{deepHigh, 0, 0, 8000, 3}, {deepHigh, 2, 4, 8000, 3}, {deepHigh, 4, 4, 8000, 3},
		{deepLow, 5, 4, 10000, 6}, {deepLow, 3, 8, 8000, 3},
	},
}

func deepCells(p reproduce.Params) ([]reproduce.Cell, error) {
	nets, ok := deepNets[p.Scale]
	if !ok {
		return nil, noGrid(p.Scale)
	}
	var cells []reproduce.Cell
	for _, net := range nets {
		model, rate := train.ModelConfig{Name: "deep", Tau: 0.1, Rate: net.rate, Depth: net.depth, Width: net.width * net.dim}, 0.001
		if net.depth == 0 {
			model, rate = train.ModelConfig{Name: "denoiser", Tau: 0.1, Rate: net.rate}, 0.005
		}
		r := recipe{dim: net.dim, steps: net.steps, batch: 128, seeds: net.seeds, learningRate: rate, p: []float64{net.p}}
		name := fmt.Sprintf("depth%d-width%d-p%g-r%g-d%d", net.depth, net.width, net.p, net.rate, net.dim)
		cell := reproduce.Training{Name: name, Config: r.config(p, model, "sparse-gaussian")}.Cell()
		cells = append(cells, withColumn(withColumn(cell, "depth", net.depth), "width", net.width))
	}
	return cells, nil
}

// deepCasesOf lists the cases of a table.
func deepCasesOf(r *reproduce.Results) []deepCase {
	var cases []deepCase
	for _, row := range finals(r) {
		if c := (deepCase{row.Num("p"), row.Num("rate"), int(row.Num("dim"))}); !slices.Contains(cases, c) {
			cases = append(cases, c)
		}
	}
	return cases
}

func deepFigures(r *reproduce.Results) ([]reproduce.Figure, error) {
	chart := figure.Chart{
		Title: "Sparse Gaussian data, fully connected decoders", X: "hidden layers of the decoder (0: denoiser)", Y: axisMSE,
		XMin: -0.2, XMax: 5.4, YMin: 0.25, YMax: 0.72,
	}
	for i, at := range deepCasesOf(r) {
		rows := at.rows(r)
		c, err := candidatesAt(rows[0])
		if err != nil {
			return nil, err
		}
		if at.dim == 50 { // the levels are limits, the same for all d
			chart.Level(c.share.limit, fmt.Sprintf("denoiser, p = %g", at.p), figure.Dash(figure.Colour(i)))
			chart.Level(c.bayesShare, fmt.Sprintf("Bayes, p = %g", at.p), figure.Dot(figure.Colour(i)))
		}
		chart.Mark(trained(fmt.Sprintf("p = %g, r = %g, width 4d, %s", at.p, at.rate, seedsOf(rows)), reproduce.Where(rows, "width", 4), "depth", figure.Colour(i)))
		denoised := trained("", reproduce.Where(rows, "depth", 0), "depth", figure.Colour(i))
		denoised.Shape = draw.PyramidGlyph{}
		chart.Mark(denoised)
		if wide := reproduce.Where(rows, "width", 8); len(wide) > 0 {
			marks := trained("width 8d", wide, "depth", figure.Colour(i))
			marks.Shape = draw.RingGlyph{}
			chart.Mark(marks)
		}
	}
	return []reproduce.Figure{{
		Name: "kogler-deep", Paint: chart.Paint, Height: 5.4 * 72, Width: 8 * 72,
		Caption: "ReLU. Lines: the best encoder with the denoiser, and with Bayes' decoder, d → ∞.",
	}}, nil
}

// deepClaims are the paper's sentence for every net.
func deepClaims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	for _, at := range deepCasesOf(r) {
		rows := at.rows(r)
		denoiser := mse(reproduce.Where(rows, "depth", 0))
		c, err := candidatesAt(rows[0])
		if err != nil {
			return nil, err
		}
		for _, net := range deepNets[r.Scale] {
			if net.deepCase != at || net.depth == 0 {
				continue
			}
			found := mse(reproduce.Where(rows, "depth", net.depth, "width", net.width))
			claims = append(claims, c.deepClaim(fmt.Sprintf("%v: depth %d, width %dd", at, net.depth, net.width), found, denoiser))
		}
	}
	return claims, nil
}

// deepClaim says that a net is not better than the trained denoiser. A net that is below it, and not by chance, deviates. Any other
// net must be above the denoiser less the coarsest tolerance that a claim may have: a quarter of all that a decoder can gain, which
// is the way from the denoiser to Bayes' decoder, both with their best encoders. The effect is the distance to the linear decoder,
// up to which the nets lie.
func (c candidates) deepClaim(text string, found, denoiser reproduce.Estimate) reproduce.Claim {
	way, structured := c.share.limit-c.bayesShare, c.share.limit-c.shareLayers.limit
	better := reproduce.Below(text+", below the trained denoiser", found, reproduce.Simulation(denoiser), way)
	if better.Outcome() != reproduce.Pass {
		least := denoiser.Minus(reproduce.Exact(reproduce.Resolution * way))
		return reproduce.Above(text+", above the trained denoiser less a quarter of the way to Bayes", found,
			reproduce.Simulation(least), c.linear.finite-least.Value)
	}
	// Its gain beside that of the third layer of eq. (22), which knows the encoder. The effect is the rest of that.
	gain := denoiser.Minus(found).Times(1 / structured)
	return reproduce.Above(text+", not below the trained denoiser", found, reproduce.Simulation(denoiser), c.linear.finite-denoiser.Value).Deviates(
		fmt.Sprintf("with enough steps a deep net gains on the denoiser, but little: %.0f %% of what two more layers with the structure of eq. (22) gain, %.4f",
			100*gain.Value, structured),
		better,
		reproduce.Below(text+", gain on the denoiser over that of eq. (22)", gain, reproduce.ClosedForm(0.25), 0.75))
}

// withColumn is a cell with one more column, of the same value in all rows.
func withColumn(c reproduce.Cell, column string, value any) reproduce.Cell {
	run := c.Run
	c.Run = func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
		out, err := run(ctx, env)
		if err != nil {
			return nil, err
		}
		for _, row := range out.Rows {
			row[column] = value
		}
		return out, nil
	}
	return c
}
