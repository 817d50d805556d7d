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
		Minutes: reproduce.Minutes{Quick: 3.6, Paper: 28},
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
	start                      deepStart
}

// deepStart says from where and with what gradient a decoder trains. Nets are compared with the denoiser that is trained alike.
type deepStart int

const (
	// cold is the paper's temperature, τ = 0.1, with free rows. The denoiser's encoder is stuck then, at d = 50, p = 0.2, r = 0.5.
	cold deepStart = iota
	// hot is recipe.lowRate's, τ = 0.3 with rows on the sphere. There the denoiser's encoder goes on improving: 0.528 instead of 0.557.
	hot
	// warm is hot, and the net starts from the encoder that a denoiser has after warmSteps.
	warm
)

func (s deepStart) String() string {
	return map[deepStart]string{cold: "τ = 0.1", hot: "τ = 0.3", warm: "τ = 0.3 from the denoiser's encoder"}[s]
}

// warmSteps are the denoiser's at hot.
const warmSteps = 40000

// The temperatures.
const (
	coldTau = paperTau
	hotTau  = 0.3
)

func (n deepNet) String() string {
	text := fmt.Sprintf("%v: depth %d, width %dd", n.deepCase, n.depth, n.width)
	if n.start == cold {
		return text
	}
	return text + ", " + n.start.String()
}

// rows are those of a table of the case.
func (n deepNet) rows(of []reproduce.Row) []reproduce.Row {
	_, model := n.training()
	return reproduce.Where(of, "depth", n.depth, "width", n.width, "tau", model.Tau, "steps", n.steps)
}

// training is the recipe and the model.
func (n deepNet) training() (recipe, train.ModelConfig) {
	r := recipe{dim: n.dim, steps: n.steps, batch: 128, seeds: n.seeds, learningRate: 0.001, p: []float64{n.p}}
	model := train.ModelConfig{Name: "deep", Tau: coldTau, Rate: n.rate, Depth: n.depth, Width: n.width * n.dim}
	if n.depth == 0 {
		r.learningRate, model = 0.005, train.ModelConfig{Name: "denoiser", Tau: coldTau, Rate: n.rate}
	}
	if n.start == cold {
		return r, model
	}
	rate := r.learningRate
	if r, model = r.lowRate(model); n.depth > 0 {
		r.learningRate = rate // the layers keep theirs
	}
	return r, model
}

// cell is the training.
func (n deepNet) cell(p reproduce.Params) reproduce.Cell {
	r, model := n.training()
	config := r.config(p, model, "sparse-gaussian")
	name := fmt.Sprintf("depth%d-width%d-p%g-r%g-d%d%s", n.depth, n.width, n.p, n.rate, n.dim, map[deepStart]string{hot: "-hot", warm: "-warm"}[n.start])
	cell := reproduce.Training{Name: name, Config: config}.Cell()
	if n.start == warm {
		from, model := deepNet{n.deepCase, 0, 0, warmSteps, n.seeds, hot}.training()
		cell = encoderStart{from.config(p, model, "sparse-gaussian"), config}.cell(name)
	}
	return withColumn(withColumn(cell, "depth", n.depth), "width", n.width)
}

// The cases. The second is at r = 1, where a net has twice the inputs to combine. Nets need more steps at larger d: at d = 100 one of
// three layers has 0.621 after 6000 steps, at d = 200 one of two layers 0.696 after 3000, above the linear decoder. Such a
// comparison would say nothing; grown nets stand in their place.
var (
	deepLow  = deepCase{0.2, 0.5, 50}
	deepHigh = deepCase{0.4, 1, 50}
)

var deepNets = map[reproduce.Scale][]deepNet{
	reproduce.Quick: {
		{deepLow, 0, 0, 16000, 5, cold}, {deepLow, 3, 4, 12000, 5, cold},
		{deepHigh, 0, 0, 8000, 3, cold}, {deepHigh, 3, 4, 8000, 3, cold},
		{deepLow, 0, 0, warmSteps, 5, hot}, {deepLow, 3, 4, 8000, 5, warm}, // seeds differ by 0.03
	},
	reproduce.Paper: {
		{deepLow, 0, 0, 20000, 6, cold}, {deepLow, 1, 4, 8000, 3, cold}, {deepLow, 2, 4, 12000, 3, cold}, {deepLow, 3, 4, 12000, 5, cold}, {deepLow, 4, 4, 20000, 6, cold},
		{deepHigh, 0, 0, 8000, 3, cold}, {deepHigh, 2, 4, 8000, 3, cold}, {deepHigh, 4, 4, 8000, 3, cold},
		{deepLow, 5, 4, 10000, 6, cold}, {deepLow, 3, 8, 8000, 3, cold},
		{deepLow, 0, 0, warmSteps, 6, hot}, {deepLow, 3, 4, 8000, 5, warm}, // the same as at quick
		{deepLow, 3, 4, 20000, 3, hot},
	},
}

func deepCells(p reproduce.Params) ([]reproduce.Cell, error) {
	nets, ok := deepNets[p.Scale]
	if !ok {
		return nil, noGrid(p.Scale)
	}
	var cells []reproduce.Cell
	for _, net := range nets {
		cells = append(cells, net.cell(p))
	}
	for _, net := range grownNets[p.Scale] {
		cells = append(cells, net.cells(p)...)
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

// started are the rows of the decoders of the case that train so.
func (c deepCase) started(r *reproduce.Results, start deepStart) (rows []reproduce.Row) {
	for _, net := range deepNets[r.Scale] {
		if net.deepCase == c && net.start == start {
			rows = append(rows, net.rows(c.rows(r))...)
		}
	}
	return rows
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
		paper := reproduce.Where(rows, "tau", coldTau)
		if at.dim == 50 { // the levels are limits, the same for all d
			chart.Level(c.share.limit, fmt.Sprintf("denoiser, p = %g", at.p), figure.Dash(figure.Colour(i)))
			chart.Level(c.bayesShare, fmt.Sprintf("Bayes, p = %g", at.p), figure.Dot(figure.Colour(i)))
		}
		chart.Mark(trained(fmt.Sprintf("p = %g, r = %g, width 4d, %s", at.p, at.rate, seedsOf(rows)), reproduce.Where(paper, "width", 4), "depth", figure.Colour(i)))
		denoised := trained("", reproduce.Where(paper, "depth", 0), "depth", figure.Colour(i))
		denoised.Shape = draw.PyramidGlyph{}
		chart.Mark(denoised)
		for _, start := range []deepStart{hot, warm} {
			if alike := at.started(r, start); len(alike) > 0 {
				marks := trained(start.String(), alike, "depth", figure.Colour(i))
				marks.Shape = map[deepStart]draw.GlyphDrawer{hot: draw.CrossGlyph{}, warm: draw.SquareGlyph{}}[start]
				chart.Mark(marks)
			}
		}
		if wide := reproduce.Where(rows, "width", 8); len(wide) > 0 {
			marks := trained("width 8d", wide, "depth", figure.Colour(i))
			marks.Shape = draw.RingGlyph{}
			chart.Mark(marks)
		}
	}
	grown, err := grownFigures(r)
	return append([]reproduce.Figure{{
		Name: "kogler-deep", Paint: chart.Paint, Height: 5.4 * 72, Width: 8 * 72,
		Caption: "ReLU. Lines: the best encoder with the denoiser, and with Bayes' decoder, d → ∞. Dots and the pyramid at 0, the denoiser: τ = 0.1, free rows. " +
			"Crosses: τ = 0.3, rows on the sphere; squares: the same, from the encoder that the denoiser ends with.",
	}}, grown...), err
}

// deepClaims are the paper's sentence for every net.
func deepClaims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	for _, at := range deepCasesOf(r) {
		rows := at.rows(r)
		c, err := candidatesAt(r, rows[0])
		if err != nil {
			return nil, err
		}
		for _, net := range deepNets[r.Scale] {
			if net.deepCase == at && net.depth > 0 {
				claims = append(claims, c.deepClaim(net.String(), mse(net.rows(rows)), net.denoiser(r.Scale, rows), bestDenoiser(r.Scale, at, rows)))
			}
		}
	}
	grown, err := grownClaims(r)
	return append(claims, grown...), err
}

// denoiser is the error of the denoiser that is trained like a net.
func (n deepNet) denoiser(scale reproduce.Scale, rows []reproduce.Row) (like reproduce.Estimate) {
	like.Value = math.NaN()
	for _, other := range deepNets[scale] {
		if other.deepCase == n.deepCase && other.depth == 0 && (other.start == cold) == (n.start == cold) {
			like = mse(other.rows(rows))
		}
	}
	return like
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

// deepClaim says that a net is not better than the denoiser that is trained alike. A net that is below it, and not by chance, deviates. Any
// other net must be above the denoiser less the coarsest tolerance that a claim may have: a quarter of all that a decoder can gain, which
// is the way from the denoiser to Bayes' decoder, both with their best encoders. The effect is the distance to the linear decoder,
// up to which the nets lie.
func (c candidates) deepClaim(text string, found, denoiser, best reproduce.Estimate) reproduce.Claim {
	way, structured := c.share.limit-c.bayesShare, c.structured()
	better := reproduce.Below(text+", below the denoiser trained alike", found, reproduce.Simulation(denoiser), way)
	if better.Outcome() != reproduce.Pass {
		least := denoiser.Minus(reproduce.Exact(reproduce.Resolution * way))
		return reproduce.Above(text+", above the denoiser trained alike less a quarter of the way to Bayes", found,
			reproduce.Simulation(least), c.linear.finite-least.Value)
	}
	// Its gain beside that of the third layer of eq. (22), which knows the encoder. The effect is the rest of that.
	gain := denoiser.Minus(found).Times(1 / structured)
	why := fmt.Sprintf("trained alike the net is below the denoiser, by %.0f %% of what two more layers with the structure of eq. (22) gain, %.4f", 100*gain.Value, structured)
	corrected := []reproduce.Claim{better, reproduce.Below(text+", gain on the denoiser over that of eq. (22)", gain, reproduce.ClosedForm(0.25), 0.75)}
	if best.Value < denoiser.Value {
		why += "; at τ = 0.1 the denoiser's encoder is stuck, and trained at τ = 0.3 with rows on the sphere the denoiser is below the net"
		corrected = append(corrected, reproduce.Above(text+", above the denoiser at τ = 0.3", found, reproduce.Simulation(best), c.linear.finite-best.Value))
	}
	return reproduce.Above(text+", not below the denoiser trained alike", found, reproduce.Simulation(denoiser), c.linear.finite-denoiser.Value).Deviates(why, corrected...)
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
