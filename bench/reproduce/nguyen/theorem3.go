package nguyen

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/bench/reproduce"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train/figure"
)

// theorem3 is how often the code has the signs of the true one.
func theorem3() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "nguyen-theorem3", Paper: paperName,
		Title: "Theorem 3: share of samples whose code has the true signs, over k, μ, the noise and δ",
		Claim: "The code is consistent where k, μ, δ and the noise are small: for signed and non-negative codes behind a threshold, for " +
			"the mixture and for non-negative codes behind a ReLU. Outside, the share falls where the theory of random dictionaries says.",
		Minutes: reproduce.Minutes{Quick: 0.2, Paper: 1.1, Large: 1.1},
		Columns: []string{
			"data", "activation", "dictionary", "dim", "atoms", "support", "delta", "upper", "noise", "samples", "seed", "mu", "rate", "guarantee", "chance",
		},
		Cells:   theorem3Cells,
		Figures: theorem3Figures,
		Claims:  theorem3Claims,
	}
}

// The grid of the theorem.
var (
	supports     = []int{1, 2, 3, 4, 6, 8, 12}
	dictionaries = []string{basisAtoms, randomAtoms, alikeAtoms}
	noises       = []float64{1, 2, 3, 4, 5, 6}
	biased       = []int{1, 2, 4, 8} // supports behind a ReLU
	deltas       = []float64{0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5}
)

// The values that the other panels do not vary.
const (
	smallDelta = 0.05
	smallNoise = 0.1
	noisyK     = 3
)

// consistencies are the settings without their seeds.
func consistencies() (all []consistency) {
	small := consistency{Delta: smallDelta, Noise: smallNoise}
	add := func(data string, activation graph.Activation, dictionary string, support int, c consistency) {
		c.Data, c.Activation, c.Dictionary, c.Support = data, activation, dictionary, support
		all = append(all, c)
	}
	for _, dictionary := range dictionaries {
		for _, k := range supports {
			add(datasets.SparseCodes, graph.Threshold, dictionary, k, small)
			add(datasets.NonNegativeCodes, graph.Threshold, dictionary, k, small)
			add(datasets.NonNegativeCodes, graph.ReLU, dictionary, k, small)
		}
	}
	for _, noise := range noises {
		add(datasets.SparseCodes, graph.Threshold, basisAtoms, noisyK, consistency{Delta: smallDelta, Noise: noise})
		add(datasets.SparseCodes, graph.Threshold, randomAtoms, noisyK, consistency{Delta: smallDelta, Noise: noise})
	}
	for _, delta := range deltas {
		for _, k := range biased {
			add(datasets.NonNegativeCodes, graph.ReLU, randomAtoms, k, consistency{Delta: delta, Noise: smallNoise, Upper: true})
		}
		add(datasets.Mixture, graph.ReLU, basisAtoms, 1, consistency{Delta: delta, Noise: smallNoise})
		add(datasets.Mixture, graph.ReLU, randomAtoms, 1, consistency{Delta: delta, Noise: smallNoise})
	}
	return all
}

func theorem3Cells(p reproduce.Params) (cells []reproduce.Cell, err error) {
	dim := 256
	if p.Scale != reproduce.Quick {
		dim = 512
	}
	groups := map[string][]consistency{}
	var names []string
	for _, c := range consistencies() {
		c.Dim, c.Atoms = dim, 2*dim
		if c.Dictionary == basisAtoms {
			c.Atoms = 3 * dim / 2
		}
		name := fmt.Sprintf("%s-%s-%s", c.Data, c.Activation, c.Dictionary)
		if groups[name] == nil {
			names = append(names, name)
		}
		for _, seed := range p.Seeds(5) {
			c.Seed = seed
			groups[name] = append(groups[name], c)
		}
	}
	for _, name := range names {
		settings := groups[name]
		cells = append(cells, reproduce.CellOf(name, settings, theorem3Rows))
	}
	return cells, nil
}

func theorem3Rows(ctx context.Context, _ *reproduce.Env, s consistency) ([]reproduce.Row, error) {
	r, err := s.measure(ctx)
	if err != nil {
		return nil, err
	}
	return []reproduce.Row{{
		"data": r.Data, "activation": string(r.Activation), "dictionary": r.Dictionary, "dim": r.Dim, "atoms": r.Atoms, "support": r.Support,
		"delta": r.Delta, "upper": fmt.Sprint(r.Upper), "noise": r.Noise, "samples": r.Samples, "seed": r.Seed,
		"mu": r.Mu, "rate": r.Rate, "guarantee": r.Guarantee, "chance": r.Chance,
	}}, nil
}

// slice is a curve of the figure: the rows of a model along a column.
type slice struct {
	data       string
	activation graph.Activation
	dictionary string
	along      string
	fixed      []any
}

func (s slice) rows(r *reproduce.Results) []reproduce.Row {
	return reproduce.Where(r.Rows, append([]any{"data", s.data, "activation", string(s.activation), "dictionary", s.dictionary}, s.fixed...)...)
}

// mean is the mean of a column over the seeds, by the column that the slice is along.
func (s slice) mean(r *reproduce.Results, column string) (points plotter.XYs, errors []float64) {
	rows := s.rows(r)
	for _, x := range reproduce.Distinct(rows, s.along) {
		e := reproduce.Mean(reproduce.Where(rows, s.along, x), column, "")
		points, errors = append(points, plotter.XY{X: x, Y: e.Value}), append(errors, e.Stderr)
	}
	return points, errors
}

// overSupport, overNoise and overDelta are the slices of the panels.
func overSupport(data string, activation graph.Activation, dictionary string) slice {
	return slice{data, activation, dictionary, "support", []any{"delta", smallDelta, "noise", smallNoise, "upper", "false"}}
}

func overNoise(dictionary string) slice {
	return slice{datasets.SparseCodes, graph.Threshold, dictionary, "noise", []any{"support", noisyK, "delta", smallDelta}}
}

func overDelta(support int) slice {
	return slice{datasets.NonNegativeCodes, graph.ReLU, randomAtoms, "delta", []any{"support", support, "upper", "true"}}
}

func theorem3Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	var panels []func(draw.Canvas)
	for _, panel := range []struct {
		data       string
		activation graph.Activation
		title      string
	}{
		{datasets.SparseCodes, graph.Threshold, "Signed codes, threshold"},
		{datasets.NonNegativeCodes, graph.Threshold, "Non-negative codes, threshold"},
		{datasets.NonNegativeCodes, graph.ReLU, "Non-negative codes, ReLU with the middle bias"},
	} {
		c := figure.Chart{Title: panel.title, X: "k", Y: "share of consistent codes", YMax: 1.05}
		for i, dictionary := range dictionaries {
			s := overSupport(panel.data, panel.activation, dictionary)
			mu := reproduce.Mean(s.rows(r), "mu", "").Value
			drawSlice(&c, r, s, fmt.Sprintf("μ = %.1f", mu), i)
		}
		panels = append(panels, c.Paint)
	}
	noise := figure.Chart{Title: fmt.Sprintf("Signed codes, threshold, k = %d", noisyK), X: "σ√d", Y: "share of consistent codes", YMax: 1.05}
	for i, dictionary := range dictionaries[:2] {
		drawSlice(&noise, r, overNoise(dictionary), dictionary, i)
	}
	delta := figure.Chart{Title: "Non-negative codes, ReLU with the bias −a₂δ√k", X: "δ", Y: "share of consistent codes", YMax: 1.05}
	for i, k := range biased {
		drawSlice(&delta, r, overDelta(k), fmt.Sprintf("k = %d", k), i)
	}
	const caption = "Points: mean and standard error over five dictionaries, each with its W. Lines: theory of random dictionaries. Dotted: the lower " +
		"bound that the theorem's condition gives, with its constants. Dictionaries: atoms of two bases (μ = 1), random, and random with a " +
		"mean inner product of 0.1."
	paint := func(panels ...func(draw.Canvas)) func(draw.Canvas) {
		return figure.Column(reproduce.EqualShares(len(panels)), panels...)
	}
	return []reproduce.Figure{
		{Name: "nguyen-theorem3", Width: 7 * vg.Inch, Height: 12 * vg.Inch, Paint: paint(panels...), Caption: caption},
		{Name: "nguyen-theorem3-noise", Width: 7 * vg.Inch, Height: 8 * vg.Inch, Paint: paint(noise.Paint, delta.Paint), Caption: caption},
	}, nil
}

// drawSlice draws a slice with its theory and its lower bound.
func drawSlice(c *figure.Chart, r *reproduce.Results, s slice, label string, i int) {
	points, errors := s.mean(r, "rate")
	c.Mark(figure.Marks{Label: label, Points: points, Errors: errors, Colour: figure.Colour(i)})
	if theory, _ := s.mean(r, "chance"); s.dictionary == randomAtoms {
		c.Add(figure.Curve{Points: theory, Pen: figure.Solid(figure.Colour(i))})
	}
	bound, _ := s.mean(r, "guarantee")
	c.Add(figure.Curve{Points: bound, Pen: figure.Dot(figure.Colour(i))})
}

func theorem3Claims(r *reproduce.Results) (claims []reproduce.Claim, err error) {
	for _, model := range []struct {
		data       string
		activation graph.Activation
	}{
		{datasets.Mixture, graph.ReLU}, {datasets.SparseCodes, graph.Threshold},
		{datasets.NonNegativeCodes, graph.Threshold}, {datasets.NonNegativeCodes, graph.ReLU},
	} {
		rows := inside(reproduce.Where(r.Rows, "data", model.data, "activation", string(model.activation)))
		// The condition leaves a share of 0.001.
		claims = append(claims, reproduce.Equal(fmt.Sprintf("%s, %s: smallest share where the theorem's condition holds", model.data, model.activation),
			reproduce.PerSeed(rows, smallestRate), reproduce.ClosedForm(1), 1, 0.001))
	}
	for _, data := range []string{datasets.SparseCodes, datasets.NonNegativeCodes} {
		claims = append(claims, chanceClaims(r, overSupport(data, graph.Threshold, randomAtoms))...)
	}
	claims = append(claims, chanceClaims(r, overSupport(datasets.NonNegativeCodes, graph.ReLU, randomAtoms))...)
	claims = append(claims, chanceClaims(r, overNoise(randomAtoms))...)
	for _, k := range biased {
		claims = append(claims, chanceClaims(r, overDelta(k))...)
	}
	return append(claims, quarterClaim(r)), nil
}

// inside are the rows in which the theorem's condition leaves less than 0.001.
func inside(rows []reproduce.Row) (in []reproduce.Row) {
	for _, row := range rows {
		if row.Num("guarantee") > 0.999 {
			in = append(in, row)
		}
	}
	return in
}

func smallestRate(rows []reproduce.Row) float64 {
	smallest := math.Inf(1)
	for _, row := range rows {
		smallest = math.Min(smallest, row.Num("rate"))
	}
	return smallest
}

// chanceClaims are claims along a slice, where theory is not next to 0 or 1.
func chanceClaims(r *reproduce.Results, s slice) (claims []reproduce.Claim) {
	rows := s.rows(r)
	for _, x := range reproduce.Distinct(rows, s.along) {
		at := reproduce.Where(rows, s.along, x)
		theory := reproduce.Mean(at, "chance", "").Value
		if theory < 0.02 || theory > 0.98 {
			continue
		}
		text := fmt.Sprintf("%s, %s, random dictionary, k = %s, δ = %s, σ√d = %s: share", s.data, s.activation,
			at[0].Text("support"), at[0].Text("delta"), at[0].Text("noise"))
		// Theory takes units as independent and leaves out 1/√d, which is 0.06 and 0.04 here, times what is left to fail.
		claims = append(claims, reproduce.Equal(text, reproduce.Mean(at, "rate", ""), reproduce.Quadrature(theory), 1, 0.04))
	}
	return claims
}

// quarterClaim is about k = O(1/δ²): the δ at which a quarter of the codes is consistent, against k. For eight entries the
// share has its largest value, between too small a bias and too large a one, below one half at d = 256.
func quarterClaim(r *reproduce.Results) reproduce.Claim {
	exponent := func(column string) func([]reproduce.Row) float64 {
		return func(rows []reproduce.Row) float64 {
			var x, y []float64
			for _, k := range biased[1:] {
				x, y = append(x, float64(k)), append(y, quarter(reproduce.Where(rows, "support", k), column))
			}
			return exponentOf(x, y)
		}
	}
	rows := reproduce.Where(r.Rows, "upper", "true")
	return reproduce.Equal("non-negative codes, ReLU with the bias −a₂δ√k: exponent in k of the largest δ with a quarter of the codes consistent, −1/2 for large k",
		reproduce.PerSeed(rows, exponent("rate")), reproduce.Quadrature(reproduce.PerSeed(rows, exponent("chance")).Value), 0.5, 0.04)
}

// quarter is the largest δ at which a share falls through one quarter, between points of the grid.
func quarter(rows []reproduce.Row, column string) float64 {
	for i := len(rows) - 1; i > 0; i-- {
		a, b := rows[i-1], rows[i]
		if a.Num(column) >= 0.25 && b.Num(column) < 0.25 {
			share := (a.Num(column) - 0.25) / (a.Num(column) - b.Num(column))
			return a.Num("delta") + share*(b.Num("delta")-a.Num("delta"))
		}
	}
	return math.NaN()
}
