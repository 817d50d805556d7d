package kogler

import (
	"context"
	"fmt"
	"math"
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
	// hot trains the denoiser by recipe.lowRate. At d = 50, p = 0.2, r = 0.5 its encoder then goes on improving where at τ = 0.1 it is
	// stuck: 0.528 instead of 0.557. A net of four layers that starts from such an encoder, whose denoiser has 0.5235 ± 0.0007, has
	// 0.5335 ± 0.0007 after 8000 steps (one seed).
	hot bool
}

// The temperatures, of all nets and of recipe.lowRate.
const (
	coldTau = paperTau
	hotTau  = 0.3
)

func (n deepNet) String() string {
	return fmt.Sprintf("%v: depth %d, width %dd", n.deepCase, n.depth, n.width)
}

// rows are those of a table of the case.
func (n deepNet) rows(of []reproduce.Row) []reproduce.Row {
	tau := coldTau
	if n.hot {
		tau = hotTau
	}
	return reproduce.Where(of, "depth", n.depth, "width", n.width, "tau", tau)
}

// training is the recipe and the model.
func (n deepNet) training() (recipe, train.ModelConfig) {
	r := recipe{dim: n.dim, steps: n.steps, batch: 128, seeds: n.seeds, learningRate: 0.001, p: []float64{n.p}}
	model := train.ModelConfig{Name: "deep", Tau: coldTau, Rate: n.rate, Depth: n.depth, Width: n.width * n.dim}
	if n.depth == 0 {
		r.learningRate, model = 0.005, train.ModelConfig{Name: "denoiser", Tau: coldTau, Rate: n.rate}
	}
	if n.hot {
		return r.lowRate(model)
	}
	return r, model
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
		{deepLow, 0, 0, 16000, 5, false}, {deepLow, 1, 4, 8000, 3, false}, {deepLow, 3, 4, 12000, 5, false},
		{deepHigh, 0, 0, 8000, 3, false}, {deepHigh, 3, 4, 8000, 3, false},
	},
	reproduce.Paper: {
		{deepLow, 0, 0, 20000, 6, false}, {deepLow, 1, 4, 8000, 3, false}, {deepLow, 2, 4, 12000, 3, false}, {deepLow, 3, 4, 12000, 5, false}, {deepLow, 4, 4, 20000, 6, false},
		{deepHigh, 0, 0, 8000, 3, false}, {deepHigh, 2, 4, 8000, 3, false}, {deepHigh, 4, 4, 8000, 3, false},
		{deepLow, 5, 4, 10000, 6, false}, {deepLow, 3, 8, 8000, 3, false},
		{deepLow, 0, 0, 40000, 6, true},
	},
}

func deepCells(p reproduce.Params) ([]reproduce.Cell, error) {
	nets, ok := deepNets[p.Scale]
	if !ok {
		return nil, noGrid(p.Scale)
	}
	var cells []reproduce.Cell
	for _, net := range nets {
		r, model := net.training()
		name := fmt.Sprintf("depth%d-width%d-p%g-r%g-d%d", net.depth, net.width, net.p, net.rate, net.dim)
		if net.hot {
			name += "-hot"
		}
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
		c, err := candidatesAt(r, rows[0])
		if err != nil {
			return nil, err
		}
		cold := reproduce.Where(rows, "tau", coldTau)
		if at.dim == 50 { // the levels are limits, the same for all d
			chart.Level(c.share.limit, fmt.Sprintf("denoiser, p = %g", at.p), figure.Dash(figure.Colour(i)))
			chart.Level(c.bayesShare, fmt.Sprintf("Bayes, p = %g", at.p), figure.Dot(figure.Colour(i)))
		}
		chart.Mark(trained(fmt.Sprintf("p = %g, r = %g, width 4d, %s", at.p, at.rate, seedsOf(rows)), reproduce.Where(cold, "width", 4), "depth", figure.Colour(i)))
		denoised := trained("", reproduce.Where(cold, "depth", 0), "depth", figure.Colour(i))
		denoised.Shape = draw.PyramidGlyph{}
		chart.Mark(denoised)
		if hot := reproduce.Where(rows, "tau", hotTau); len(hot) > 0 {
			marks := trained(fmt.Sprintf("τ = %g", hotTau), hot, "depth", figure.Colour(i))
			marks.Shape = draw.CrossGlyph{}
			chart.Mark(marks)
		}
		if wide := reproduce.Where(rows, "width", 8); len(wide) > 0 {
			marks := trained("width 8d", wide, "depth", figure.Colour(i))
			marks.Shape = draw.RingGlyph{}
			chart.Mark(marks)
		}
	}
	return []reproduce.Figure{{
		Name: "kogler-deep", Paint: chart.Paint, Height: 5.4 * 72, Width: 8 * 72,
		Caption: "ReLU. Lines: the best encoder with the denoiser, and with Bayes' decoder, d → ∞. At τ = 0.1 the denoiser is stuck, with d = 50 above " +
			"nets of three and four layers; at τ = 0.3 it is below them.",
	}}, nil
}

// deepClaims are the paper's sentence for every net.
func deepClaims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	for _, at := range deepCasesOf(r) {
		rows := at.rows(r)
		denoiser := bestDenoiser(r.Scale, at, rows)
		c, err := candidatesAt(r, rows[0])
		if err != nil {
			return nil, err
		}
		for _, net := range deepNets[r.Scale] {
			if net.deepCase != at || net.depth == 0 {
				continue
			}
			claims = append(claims, c.deepClaim(net.String(), mse(net.rows(rows)), denoiser))
		}
	}
	return claims, nil
}

// bestDenoiser is the error of the denoiser of the case, trained with the recipe with which it ends lower.
func bestDenoiser(scale reproduce.Scale, at deepCase, rows []reproduce.Row) (best reproduce.Estimate) {
	best.Value = math.Inf(1)
	for _, net := range deepNets[scale] {
		if net.deepCase == at && net.depth == 0 {
			if e := mse(net.rows(rows)); e.Value < best.Value {
				best = e
			}
		}
	}
	return best
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
