package kogler

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
)

// transition is a figure of the error against p at r = 1, Figures 1, 5, 9 and 15. The paper says that it switches from the Haar
// candidate to the identity's where the two cross, at the critical p.
//
// The surrogate's temperature is the paper's, τ = 0.1, all the way. kogler-tau has other temperatures, and what becomes of the
// transition there. Rows are projected onto the sphere, since without projection a run freezes on its way.
type transition struct {
	model train.ModelConfig
	data  string
	recipes
	// unstable is the p from which the Haar encoder is no minimum of the error of a linear decoder, E x⁴ = 3 (amp.SpikedMSE). The
	// paper's transition is at critical, and training could leave the Haar encoder from unstable on: the distance of the two is
	// the effect that the place of the transition is measured by.
	unstable float64
	// contested are p near the critical one with a claim on the error: a grid of 0.02 that reaches from it at least 0.03 to either side.
	contested []float64
	// encoders lists the p for which B is shown; nil for none.
	encoders []float64
}

// branchSeeds is the number of seeds away from the transition, where seeds agree. Near the transition there are recipe.seeds.
const branchSeeds = 3

// The cells of a transition.
const (
	branchCell = "branches"
	nearCell   = "transition"
	gridCell   = "grid"
	earlyCell  = "early"
	moreCell   = "more-seeds"
	// descentCell is the paper's recipe as far as it is stated: stochastic gradient descent, rows that are divided by their norms and
	// not projected, τ = 0.1. Its rate, batch, steps and d are lost.
	descentCell = "descent"
)

// The runs of descentCell. After 9000 steps half of the rows are a permutation's near p = 0.68, as those of the early runs.
const (
	descentDim   = 64
	descentSteps = 30000
	descentSeeds = 8
	descentRate  = 0.03 * descentDim // as train's default
)

// The early runs are shorter by earlyShare. Their place differs little between seeds.
const (
	earlyShare = 2
	earlySeeds = 6
)

// cells are the p on the branches and the p around the transition.
func (f transition) cells(p reproduce.Params) ([]reproduce.Cell, error) {
	r, err := f.at(p.Scale)
	if err != nil {
		return nil, err
	}
	far, near := r, r
	far.seeds, near.p = branchSeeds, r.near
	training := func(name string, p reproduce.Params, r recipe, encoders []float64) reproduce.Cell {
		c := r.config(p, f.model, f.data)
		c.Evaluation.FinalBatches = 2000 // a standard error of 1e-4: seeds differ by more
		return reproduce.Training{Name: name, Config: c, Encoders: encoders}.Cell()
	}
	cells := []reproduce.Cell{training(branchCell, p, far, f.encoders), training(nearCell, p, near, nil)}
	for _, point := range r.grid {
		at := r
		at.p, at.seeds = []float64{point.p}, point.seeds
		cells = append(cells, training(fmt.Sprintf("%s-p%g", gridCell, point.p), p, at, nil))
	}
	if r.early != nil {
		r.p, r.steps, r.seeds = r.early, r.steps/earlyShare, min(r.seeds, earlySeeds)
		cells = append(cells, training(earlyCell, p, r, nil))
	}
	if r.more.seeds > 0 {
		after := p.After(near.taken(r.more.p))
		near.p, near.seeds = []float64{r.more.p}, r.more.seeds
		cells = append(cells, training(moreCell, after, near, nil))
	}
	if r.descent != nil {
		cells = append(cells, f.descends(p, r.descent))
	}
	return cells, nil
}

// descends is the cell of stochastic gradient descent.
func (f transition) descends(p reproduce.Params, at []float64) reproduce.Cell {
	r := recipe{dim: descentDim, steps: descentSteps, batch: 128, seeds: descentSeeds, learningRate: descentRate, p: at}
	c := r.config(p, f.model, f.data)
	c.Optimizer.Name, c.Evaluation.FinalBatches = "sgd", 2000
	return reproduce.Training{Name: descentCell, Config: c}.Cell()
}

// full are the rows of runs with all steps, short those of the early ones.
func (f transition) full(r *reproduce.Results) (full, short []reproduce.Row) {
	recipe, _ := f.at(r.Scale)
	for _, row := range reproduce.Where(finals(r), "learning_rate", recipe.learningRate) {
		if int(row.Num("steps")) == recipe.steps {
			full = append(full, row)
		} else {
			short = append(short, row)
		}
	}
	return full, short
}

// haar is the error of the Haar candidate.
func (f transition) haar() func(*amp.Prediction) *float64 {
	if f.model.Name == "shallow" {
		return gaussian
	}
	return denoiser
}

// chart is points and theory against p.
func (f transition) chart(r *reproduce.Results, title string) (*figure.Chart, error) {
	theory, err := predict(r, f.data, ladder(0.005, 1, 199), []float64{1})
	if err != nil {
		return nil, err
	}
	c := &figure.Chart{Title: title, X: axisP, Y: axisMSE, XMin: 0, XMax: 1, YMin: 0, YMax: 0.45}
	name := "Haar encoder"
	if f.model.Name != "shallow" {
		c.Add(curve("Haar, linear decoder", theory, overP, figure.Dot(figure.Grey), gaussian))
		name = "Haar, denoiser"
	}
	c.Add(
		curve(name, theory, overP, figure.Dash(figure.Blue), f.haar()),
		curve("identity encoder", theory, overP, figure.Pen{Colour: figure.Orange, Dashes: figure.DashDot}, identity),
		curve("the better one", theory, overP, figure.Pen{Colour: figure.Black, Width: 1}, better(f.haar())),
	)
	rows, _ := f.full(r)
	c.Mark(trained(fmt.Sprintf("trained at τ = 0.1, d = %d, mean over seeds ± s.e.", f.recipes[r.Scale].dim), rows, "p", figure.Vermilion))
	return c, nil
}

// shares is the share of permutation-like rows against p, with the critical p.
func (f transition) shares(r *reproduce.Results) (*figure.Chart, error) {
	critical, err := f.critical(r)
	if err != nil {
		return nil, err
	}
	c := &figure.Chart{X: axisP, Y: "permutation-like rows", XMin: 0, XMax: 1, YMin: 0, YMax: 1.05}
	c.Add(figure.Curve{Points: plotter.XYs{{X: critical, Y: 0}, {X: critical, Y: 1}}, Pen: figure.Dash(figure.Grey)})
	m := figure.Marks{Colour: figure.Vermilion}
	rows, short := f.full(r)
	if len(short) > 0 {
		m.Label = "all steps"
	}
	c.Mark(shareMarks(rows, m))
	if len(short) > 0 {
		c.Mark(shareMarks(short, figure.Marks{Colour: figure.Green, Label: "half of the steps"}))
	}
	return c, nil
}

// shareMarks are the shares of permutation-like rows by p.
func shareMarks(rows []reproduce.Row, m figure.Marks) figure.Marks {
	for _, p := range reproduce.Distinct(rows, "p") {
		e := reproduce.Mean(reproduce.Where(rows, "p", p), "permutation_rows", "")
		m.Points, m.Errors = append(m.Points, plotter.XY{X: p, Y: e.Value}), append(m.Errors, e.Stderr)
	}
	return m
}

// figures is the chart with the share of permutation-like rows below it, and then the heat maps of the encoders.
func (f transition) figures(r *reproduce.Results, name, title, caption string) ([]reproduce.Figure, error) {
	caption += " In the middle: the share of the rows that have more than half of their energy in one entry; the line is the critical p. " +
		"Training leaves the Haar encoder earlier, and is then above the better candidate."
	chart, err := f.chart(r, title)
	if err != nil {
		return nil, err
	}
	shares, err := f.shares(r)
	if err != nil {
		return nil, err
	}
	if f.encoders == nil {
		return []reproduce.Figure{{
			Name: name, Caption: caption, Width: 8 * vg.Inch, Height: 6.2 * vg.Inch,
			Paint: figure.Stack([]float64{2, 1}, chart, shares),
		}}, nil
	}
	maps, err := f.maps(r)
	return []reproduce.Figure{{
		Name: name, Caption: caption, Width: 8 * vg.Inch, Height: 11.6 * vg.Inch,
		Paint: figure.Column([]float64{1.85, 1}, figure.Stack([]float64{4, 3}, chart, shares), maps),
	}}, err
}

// maps draws the encoders that are shown, side by side.
func (f transition) maps(r *reproduce.Results) (func(draw.Canvas), error) {
	var maps []func(draw.Canvas)
	var widths []float64
	for _, p := range f.encoders {
		b, err := r.Matrix(reproduce.EncoderName(branchCell, p))
		if err != nil {
			return nil, err
		}
		maps = append(maps, figure.Square(figure.HeatMap{Title: fmt.Sprintf("B, p = %g", p), M: cut(b)}.Paint))
		widths = append(widths, 1)
	}
	return figure.Row(widths, maps...), nil
}

// claims are on the two branches, on the error near the transition, and on its place.
func (f transition) claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	critical, err := f.critical(r)
	if err != nil {
		return nil, err
	}
	recipe, err := f.at(r.Scale)
	if err != nil {
		return nil, err
	}
	rows, _ := f.full(r)
	var claims []reproduce.Claim
	for _, p := range recipe.p {
		claims = append(claims, f.onBranch(p, critical, reproduce.Where(rows, "p", p))...)
	}
	for _, p := range f.contested {
		claims = append(claims, f.nearby(p, critical, reproduce.Where(rows, "p", p)))
	}
	place := f.place(critical, r, recipe)
	for _, p := range recipe.descent {
		place.Corrected = append(place.Corrected, f.descended(p, critical, r)...)
	}
	return append(claims, place), nil
}

// descended claims that stochastic gradient descent with free rows, too, leaves the Haar encoder below the critical p.
func (f transition) descended(p, critical float64, r *reproduce.Results) []reproduce.Claim {
	claims := f.nearby(p, critical, reproduce.Where(finals(r), "learning_rate", descentRate, "p", p)).Corrected
	for i := range claims {
		claims[i].Text = fmt.Sprintf("gradient descent with free rows, d = %d, %d steps, ", descentDim, descentSteps) + claims[i].Text
	}
	return claims
}

// unsettled is what the theory leaves open at a row's d: the 1/d term of the Haar candidate, which is a third as large for flat
// rows as for rows drawn from a Haar matrix, and a quarter of a row that has not settled.
func unsettled(row reproduce.Row) float64 {
	term := 0.0
	if row.Num("haar") < row.Num("identity") {
		term = math.Abs(row.Num("expected")-row.Num("limit")) * 2 / 3
	}
	return term + 0.25/row.Num("dim")
}

// onBranch claims the better candidate's error at a p far from the transition, and its encoder.
func (f transition) onBranch(p, critical float64, rows []reproduce.Row) []reproduce.Claim {
	candidate, haar, identity := "Haar", rows[0].Num("haar"), rows[0].Num("identity")
	reference, like := reproduce.Quadrature(haar), 0.0
	if p > critical {
		candidate, reference, like = "identity", reproduce.ClosedForm(identity), 1
	}
	return []reproduce.Claim{
		reproduce.Equal(fmt.Sprintf("p = %g: trained error is the %s candidate's", p, candidate), mse(rows), reference, math.Abs(haar-identity), unsettled(rows[0])),
		reproduce.Equal(fmt.Sprintf("p = %g: share of rows like a permutation's", p), reproduce.Mean(rows, "permutation_rows", ""),
			reproduce.ClosedForm(like), 1, 0.05),
	}
}

// nearby claims the better candidate's error at a p near the transition. The effect is the distance of the two candidates or, where
// they cross, the distance to the spiked encoder, which a trained encoder could have come to.
func (f transition) nearby(p, critical float64, rows []reproduce.Row) reproduce.Claim {
	haar, identity := rows[0].Num("haar"), rows[0].Num("identity")
	effect := math.Abs(haar - identity)
	if law, err := amp.NewPrior(f.data, p, 1); err == nil {
		if spiked, _, ok := amp.SpikedMSE(law, 1); ok {
			effect = math.Max(effect, math.Min(haar, identity)-spiked)
		}
	}
	found := mse(rows)
	claim := reproduce.Equal(fmt.Sprintf("p = %g, near the transition: trained error is the better candidate's", p), found,
		reproduce.Quadrature(math.Min(haar, identity)), effect, unsettled(rows[0]))
	if p > critical {
		return claim
	}
	return claim.Deviates(drawn,
		reproduce.Above(fmt.Sprintf("p = %g: share of rows like a permutation's, beside the Haar encoder's", p), reproduce.Mean(rows, "permutation_rows", ""),
			reproduce.ClosedForm(0), 1),
		reproduce.Above(fmt.Sprintf("p = %g: trained error is above the better candidate's, on the way to the identity's %.4g", p, identity), found,
			reproduce.Quadrature(haar), identity-haar))
}

// place claims that the transition is where the candidates cross, from the seeds that have all p of near. The corrected claims are on the
// interval in which the reason lets it be, on the errors between the place and the critical p, and on the place in the short runs, above that
// in the full ones.
func (f transition) place(critical float64, r *reproduce.Results, recipe recipe) reproduce.Claim {
	rows, short := f.full(r)
	end := slices.Max(r.Seeds(recipe.seeds)) + 1
	around := slices.DeleteFunc(slices.Clone(rows), func(row reproduce.Row) bool {
		return slices.Contains(recipe.p, row.Num("p")) || row.Num("seed") >= float64(end)
	})
	claim := reproduce.Equal("p at which half of the rows are like a permutation's, beside the critical p", reproduce.PerSeed(around, crossing),
		reproduce.Quadrature(critical), critical-f.unstable, 0.02)
	corrected := []reproduce.Claim{reproduce.Below(fmt.Sprintf("the same lies below the critical p and above %.3f, where E x⁴ = 3", f.unstable),
		claim.Found, claim.Reference, critical-f.unstable)}
	for _, p := range f.contested {
		if claim.Found.Value < p && p < critical {
			corrected = append(corrected, f.nearby(p, critical, reproduce.Where(rows, "p", p)).Corrected...)
		}
	}
	if len(short) > 0 {
		corrected = append(corrected, reproduce.Above("the same with half of the steps, beside that with all", reproduce.PerSeed(short, crossing),
			reproduce.Simulation(reproduce.PerSeed(around, crossing)), critical-f.unstable))
	}
	return claim.Deviates(drawn, corrected...)
}

// drawn is why training ends above the better candidate near the transition.
const drawn = "a Haar encoder is no minimum where E x⁴ < 3, and at τ = 0.1 the surrogate gradient draws the rows to a permutation already where its error " +
	"is the larger one: the more steps, the further below the crossing of the candidates; kogler-tau has smaller τ"

// crossing is the p at which the share of permutation-like rows passes one half: in the rows of one seed, between the last p below a
// half and the next. NaN if there is none.
func crossing(rows []reproduce.Row) float64 {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b reproduce.Row) int { return cmp.Compare(a.Num("p"), b.Num("p")) })
	for i := len(rows) - 1; i > 0; i-- {
		low, high := rows[i-1].Num("permutation_rows"), rows[i].Num("permutation_rows")
		if low < 0.5 && high >= 0.5 {
			from, to := rows[i-1].Num("p"), rows[i].Num("p")
			return from + (0.5-low)/(high-low)*(to-from)
		}
	}
	return math.NaN()
}

// critical is the p at which the candidates cross at r = 1.
func (f transition) critical(r *reproduce.Results) (float64, error) {
	of := amp.CriticalP
	if f.model.Name != "shallow" {
		of = amp.CriticalPDenoiser
	}
	return reproduce.Once(r, criticalOf{f.model.Name, f.data}, func() (float64, error) {
		c, ok, err := of(f.data, 1, 1)
		if !ok {
			c.P = math.NaN()
		}
		return c.P, err
	})
}

// criticalOf are the arguments of critical.
type criticalOf struct{ model, data string }
