package kogler

import (
	"cmp"
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
)

// fig7P is 0.2, where the gaps between the decoders are larger than at Figure 4's 0.4; the paper's value is lost.
const fig7P = 0.2

// fig7Models are the decoders, the weakest first, each with its own learning rate. At d = 400 and r = 1 the denoiser ends at 0.211 in
// 3000 steps with τ = 0.3, and at 0.214 with the paper's 0.1 (theory: 0.206). All matrices of the three-layer decoder come
// from one Haar matrix, and training changes only its scalars. The paper plots this cheaper variant. At low rates a Haar
// encoder is not the best one, and the three layers are trained with their encoder too, as eq. (22) says: V1 = V2 = Bᵀ, W1 = B. (At
// higher rates this is worse than a Haar encoder, whose rows do not tremble: 0.219 beside 0.199 at r = 1, d = 100.)
var fig7Models = []struct {
	label, title string
	model        train.ModelConfig
	learningRate float64
	pen          figure.Pen
	shape        draw.GlyphDrawer
}{
	{"shallow", "linear decoder (2)", train.ModelConfig{Name: "shallow", Tau: 0.1}, 0.003, figure.Dash(figure.Grey), draw.BoxGlyph{}},
	{"denoiser", "denoiser (4)", train.ModelConfig{Name: "denoiser", Tau: 0.3}, 0.005, figure.Solid(figure.Vermilion), draw.PyramidGlyph{}},
	{
		"three-layer", "three layers (22)", train.ModelConfig{Name: "rigamp", Encoder: "haar", Tied: true, Init: "state-evolution"},
		0.01, figure.Dash(figure.Green), draw.CircleGlyph{},
	},
}

// fig7Low is the largest rate at which time-sharing is clearly better than a Haar encoder (candidates.timeShares).
const fig7Low = 0.25

// fig7Scales are sizes and steps of the models. At lower rates the gain of the third layer is too small for d = 400. The denoiser and the three layers are compared, and have the same dimension.
var fig7Scales = map[reproduce.Scale]struct {
	seeds, dim, steps []int // by model
	rates             []float64
}{
	reproduce.Quick: {
		seeds: []int{3, 3, 5}, dim: []int{100, 400, 400}, steps: []int{3000, 4000, 600}, rates: []float64{0.25, 0.5, 1},
	},
	reproduce.Paper: {
		seeds: []int{3, 3, 5}, dim: []int{200, 400, 400}, steps: []int{4000, 5000, 900}, rates: []float64{0.25, 0.5, 0.75, 1, 1.5},
	},
	reproduce.Large: {
		seeds: []int{3, 3, 3}, dim: []int{4096, 4096, 4096}, steps: []int{12000, 16000, 1600}, rates: []float64{0.25, 0.5, 1, 1.5},
	},
}

// fig7Full is the rate of the coordinates that get bits where the three-layer decoder time-shares: near RI-GAMP's r* = 0.535.
const fig7Full = 0.5

// figure7 is the gain of each layer of the decoder.
func figure7() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "kogler-fig7", Paper: paperName,
		Title:   "Error against the rate, sparse Gaussian data, p = 0.2: linear decoder, denoiser, three layers, Bayes",
		Claim:   "Each layer gains: R_Gauss > denoiser > three-layer decoder, which nears the Bayes-optimal error.",
		Minutes: reproduce.Minutes{Quick: 2.5, Paper: 8},
		Columns: append([]string{"encoder", "served"}, reproduce.TrainingColumns...),
		Cells:   fig7Cells,
		Figures: fig7Figures,
		Claims:  fig7Claims,
	}
}

// fig7Cells are the models at all rates, and at low rates the three-layer decoder on a share of the coordinates and with a trained
// encoder. served is that share. Behind a Haar encoder three layers are trained at half the dimension too, which gives their limit,
// with twice the seeds, since inputs of half the size tell half as much.
func fig7Cells(p reproduce.Params) ([]reproduce.Cell, error) {
	scale := fig7Scales[p.Scale]
	var cells []reproduce.Cell
	declare := func(label string, r recipe, model train.ModelConfig, served float64) {
		encoder := cmp.Or(model.Encoder, "trained")
		for _, c := range cellsOf(r.perRate(p, fmt.Sprintf("%s-d%d", label, r.dim), model, "sparse-gaussian")) {
			cells = append(cells, withColumn(withColumn(c, "encoder", encoder), "served", served))
		}
	}
	add := func(i, dim, seeds int, rate, served float64) {
		m := fig7Models[i]
		label, model := m.label, m.model
		r := recipe{
			dim: dim, steps: scale.steps[i], batch: 128, seeds: seeds, learningRate: m.learningRate,
			p: []float64{fig7P}, rates: []float64{rate},
		}
		switch {
		case served < 1:
			label = "shared-" + label
		case m.label == "denoiser" && rate <= fig7Low:
			r, model = r.lowRate(model)
			r.steps += r.steps / 2
			three := r
			three.dim = scale.dim[2]
			declare("trained-three-layer", three, train.ModelConfig{Name: "rigamp", Tied: true, Tau: model.Tau}, served)
		}
		declare(label, r, model, served)
	}
	for i := range fig7Models {
		for _, rate := range scale.rates {
			add(i, scale.dim[i], scale.seeds[i], rate, 1)
		}
	}
	for _, rate := range scale.rates {
		add(2, scale.dim[2]/2, 2*scale.seeds[2], rate, 1)
	}
	for _, rate := range scale.rates {
		if served := rate / fig7Full; served <= 0.5 {
			add(2, int(math.Round(served*float64(scale.dim[2]))), scale.seeds[2], fig7Full, served)
		}
	}
	return cells, nil
}

func fig7Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	theory, err := predictAll(r, "sparse-gaussian", fig7P, ladder(0.05, 1.5, 58))
	if err != nil {
		return nil, err
	}
	c := figure.Chart{Title: "Sparse Gaussian data, p = 0.2", X: axisRate, Y: axisMSE, XMax: 1.55}
	c.Add(
		curve("linear decoder", theory, overRate, fig7Models[0].pen, gaussian),
		curve("denoiser", theory, overRate, fig7Models[1].pen, denoiser),
		curve("RI-GAMP, 2 iterations", theory, overRate, fig7Models[2].pen, twoSteps),
		curve("Bayes optimal", theory, overRate, figure.Solid(figure.Blue), bayes),
		curve("", theory, overRate, figure.Dot(figure.Vermilion), denoiserShare),
		curve("", theory, overRate, figure.Dot(figure.Green), twoStepsShare),
		curve("", theory, overRate, figure.Dot(figure.Blue), bayesShare),
		curve("Shannon's bound", theory, overRate, figure.Pen{Colour: figure.Black, Dashes: figure.DashDot}, shannon),
	)
	for i, m := range fig7Models {
		rows := fig7Rows(r, i)
		marks := trained("trained "+m.title+", "+seedsOf(rows), rows, "rate", m.pen.Colour)
		marks.Shape = m.shape
		c.Mark(marks)
	}
	shared := figure.Marks{Label: "three layers, bits for a share of the coordinates", Colour: figure.Green, Shape: draw.RingGlyph{}}
	for _, served := range fig7Served(r) {
		e := onShare(served, mse(reproduce.Where(finals(r), "served", served)))
		shared.Points, shared.Errors = append(shared.Points, plotter.XY{X: served * fig7Full, Y: e.Value}), append(shared.Errors, e.Stderr)
	}
	c.Mark(shared)
	both := trained("trained three layers (22), encoder too", fig7Trained(r), "rate", figure.Green)
	both.Shape = draw.SquareGlyph{}
	c.Mark(both)
	return []reproduce.Figure{{
		Name: "kogler-fig7", Paint: c.Paint, Height: 5.4 * 72, Width: 8 * 72,
		Caption: "Lines: Haar encoder, d → ∞; dotted below them: time-sharing, which serves a part of the coordinates. The points are at " +
			"finite d, where errors are higher. At low rates training finds time-sharing.",
	}}, nil
}

// fig7Rows are the rows of a model that serves all coordinates, at its own dimension and not at half of it.
func fig7Rows(r *reproduce.Results, model int) []reproduce.Row {
	m := fig7Models[model].model
	rows := reproduce.Where(finals(r), "model", m.Name, "encoder", cmp.Or(m.Encoder, "trained"), "served", 1)
	return reproduce.Where(rows, "dim", fig7Scales[r.Scale].dim[model])
}

// fig7Limit is the error of the three layers behind a Haar encoder at a rate, extrapolated to d = ∞ without the term in 1/d.
func fig7Limit(r *reproduce.Results, rate float64) reproduce.Estimate {
	full := reproduce.Where(fig7Rows(r, 2), "rate", rate)
	half := reproduce.Where(finals(r), "model", "rigamp", "encoder", "haar", "served", 1, "rate", rate, "dim", full[0].Num("dim")/2)
	return mse(full).Times(2).Minus(mse(half))
}

// fig7Trained are the rows of the three-layer decoder with a trained encoder.
func fig7Trained(r *reproduce.Results) []reproduce.Row {
	return reproduce.Where(finals(r), "model", "rigamp", "encoder", "trained")
}

// fig7Served lists the shares below 1.
func fig7Served(r *reproduce.Results) []float64 {
	var shares []float64
	for _, served := range reproduce.Distinct(finals(r), "served") {
		if served < 1 {
			shares = append(shares, served)
		}
	}
	return shares
}

// onShare is the error per coordinate where only a share of the coordinates is served, at the error e: the others have the error 1.
func onShare(served float64, e reproduce.Estimate) reproduce.Estimate {
	return e.Times(served).Plus(reproduce.Exact(1 - served))
}

func fig7Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	for _, rate := range reproduce.Distinct(finals(r), "rate") {
		at := func(i int) []reproduce.Row { return reproduce.Where(fig7Rows(r, i), "rate", rate) }
		linear, denoised, layered := at(0), at(1), at(2)
		c, err := candidatesAt(r, denoised[0])
		if err != nil {
			return nil, err
		}
		first, err := candidatesAt(r, linear[0])
		if err != nil {
			return nil, err
		}
		claims = append(claims,
			reproduce.Equal(fmt.Sprintf("r = %g: linear decoder, trained error is the theory's", rate), mse(linear),
				reproduce.ClosedForm(first.linear.finite), c.linear.limit-c.share.limit, first.linear.open()),
			c.denoiserClaim(rate, denoised))
		if !c.timeShares() {
			three, err := c.threeLayersAt(layered[0])
			if err != nil {
				return nil, err
			}
			claims = append(claims, c.layerClaims(rate, three.limit, fig7Limit(r, rate), mse(denoised), mse(layered))...)
			continue
		}
		claims = append(claims, c.encoderClaims(rate, denoised)...)
		shared := reproduce.Where(finals(r), "served", rate/fig7Full)
		low, err := c.lowRateClaims(r, rate, denoised, reproduce.Where(fig7Trained(r), "rate", rate), shared, fig7Limit(r, rate), fig7Limit(r, fig7Full))
		if err != nil {
			return nil, err
		}
		claims = append(claims, low...)
	}
	return claims, nil
}

// layerClaims are on the third layer where a Haar encoder is best: its limit as d → ∞ beside the least error three of eq. (22), its gain
// over the trained denoiser, and how much of the way to Bayes it goes. No decoder behind a Haar encoder gains more than Bayes'.
func (c candidates) layerClaims(rate, three float64, limit, denoised, layered reproduce.Estimate) []reproduce.Claim {
	way := c.haar.limit - c.bayes
	share := (c.haar.limit - three) / way
	return []reproduce.Claim{
		reproduce.Equal(fmt.Sprintf("r = %g: three layers, extrapolated to d = ∞, the least of eq. (22), %.4f above RI-GAMP's", rate, three-c.layers.limit),
			limit, reproduce.Quadrature(three), c.haar.limit-three, 0),
		reproduce.Below(fmt.Sprintf("r = %g: three layers below the denoiser, both trained", rate), layered, reproduce.Simulation(denoised), way),
		// The effect is what is left to Bayes.
		reproduce.Equal(fmt.Sprintf("r = %g: three layers, share of the way from the Haar denoiser to Bayes (RI-GAMP's: %.3f)", rate, (c.haar.limit-c.layers.limit)/way),
			reproduce.Exact(c.haar.limit).Minus(limit).Times(1/way), reproduce.Quadrature(share), 1-share, 0),
	}
}

// lowRateClaims are on the third layer where time-sharing is better than a Haar encoder. Like is compared with like: trained encoders
// with each other, and the three layers behind a Haar encoder, or on a share of the coordinates, with their theory: limit and full are
// their errors as d → ∞, at this rate and at that of the share.
func (c candidates) lowRateClaims(r *reproduce.Results, rate float64, denoised, free, shared []reproduce.Row, limit, full reproduce.Estimate) ([]reproduce.Claim, error) {
	haar, err := c.threeLayersAt(denoised[0])
	if err != nil {
		return nil, err
	}
	at, err := candidatesAt(r, shared[0])
	if err != nil {
		return nil, err
	}
	three, err := at.threeLayersAt(shared[0])
	if err != nil {
		return nil, err
	}
	served := shared[0].Num("served")
	third := c.share.effect(c.shareLayers) // the gain of the third layer
	return []reproduce.Claim{
		reproduce.Equal(fmt.Sprintf("r = %g: three layers behind a Haar encoder, extrapolated to d = ∞, the least of eq. (22)", rate), limit,
			reproduce.Quadrature(haar.limit), haar.limit-c.shareLayers.limit, 0),
		// Bayes' rule leaves no more to gain.
		reproduce.Below(fmt.Sprintf("r = %g: three layers below the denoiser, both with a trained encoder", rate), mse(free),
			reproduce.Simulation(mse(denoised)), c.share.limit-c.bayesShare),
		reproduce.Equal(fmt.Sprintf("r = %g: three layers on %.0f %% of the coordinates, extrapolated to d = ∞, time-sharing of eq. (22)", rate, 100*served),
			onShare(served, full), reproduce.Quadrature(1-served*(1-three.limit)), third, 0),
		reproduce.Below(fmt.Sprintf("r = %g: three layers on %.0f %% of the coordinates below the trained denoiser", rate, 100*served), onShare(served, mse(shared)),
			reproduce.Simulation(mse(denoised)), third),
	}, nil
}
