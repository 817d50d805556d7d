package kogler

import (
	"fmt"
	"math"

	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
)

// staircase is a figure of the error against the step where the identity is the better candidate: training rests on the Haar
// candidate's plateau and then drops to the identity's error: Figures 2, 8, 10 and 16.
//
// A second training, with half the learning rate, ends on the plateau. The plateau lies above the Haar candidate in proportion
// to the rate, since rows of B and A tremble, so that the two levels give the level at rate 0.
type staircase struct {
	model train.ModelConfig
	data  string
	recipes
}

// Names of the cells.
const (
	cellTrained = "trained"
	cellHalf    = "half-rate"
)

// The level of the plateau is the mean test error over these times, in η·step: behind the first fall, and before the first rows
// turn to a coordinate.
const (
	levelFrom = 4
	levelTo   = 6
)

func (f staircase) cells(p reproduce.Params) ([]reproduce.Cell, error) {
	r, err := f.at(p.Scale)
	if err != nil {
		return nil, err
	}
	half := r
	half.learningRate, half.steps = r.learningRate/2, int(math.Ceil(levelTo/(r.learningRate/2)))
	short := half.config(p, f.model, f.data)
	short.Schedule.Shape = "constant"
	return []reproduce.Cell{
		reproduce.Training{Name: cellTrained, Config: r.config(p, f.model, f.data), Trace: true}.Cell(),
		reproduce.Training{Name: cellHalf, Config: short, Trace: true}.Cell(),
	}, nil
}

// traces are the rows along the training of the full learning rate, or of half of it.
func (f staircase) traces(r *reproduce.Results, half bool) []reproduce.Row {
	rate := f.recipes[r.Scale].learningRate
	if half {
		rate /= 2
	}
	return reproduce.Where(r.Rows, "kind", "trace", "learning_rate", rate)
}

// reached are the rows of the models at the end of the full training.
func (f staircase) reached(r *reproduce.Results) []reproduce.Row {
	return reproduce.Where(finals(r), "steps", f.recipes[r.Scale].steps)
}

// level is the mean test error on the plateau.
func level(trace []reproduce.Row) float64 {
	sum, n := 0.0, 0.0
	for _, row := range trace {
		if s := row.Num("learning_rate") * row.Num("step"); levelFrom <= s && s <= levelTo {
			sum, n = sum+row.Num("test_mse"), n+1
		}
	}
	return sum / n
}

// figures draws every seed's test error, that of half the learning rate in grey.
func (f staircase) figures(r *reproduce.Results, name, title, caption string) ([]reproduce.Figure, error) {
	last, trace, half := reproduce.Pick(finals(r)), f.traces(r, false), f.traces(r, true)
	c := figure.Chart{
		Title: title, X: axisStep, Y: axisMSE, LogX: true, XMin: 1, XMax: float64(f.recipes[r.Scale].steps), YMin: 0, YMax: 1.02,
	}
	for _, level := range []struct{ column, label string }{{"haar", "Haar candidate"}, {"identity", "identity candidate"}} {
		v := last.Num(level.column)
		c.Level(v, fmt.Sprintf("%s, %.4f", level.label, v), figure.Dash(figure.Grey))
	}
	for _, seed := range reproduce.Distinct(half, "seed") {
		points := reproduce.Points(reproduce.Where(half, "seed", seed), "step", "test_mse")
		c.Add(figure.Curve{Points: points, Pen: figure.Pen{Colour: figure.Grey, Width: 0.8}})
	}
	for i, seed := range reproduce.Distinct(trace, "seed") {
		points := reproduce.Points(reproduce.Where(trace, "seed", seed), "step", "test_mse")
		c.Add(figure.Curve{Points: points, Pen: figure.Pen{Colour: figure.Colour(i), Width: 1.2}})
	}
	return []reproduce.Figure{{Name: name, Caption: caption, Paint: c.Paint}}, nil
}

// claims are the plateau's level, how it depends on the rate, its length, the drop and the floor.
func (f staircase) claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	end, trace := f.reached(r), f.traces(r, false)
	haar, identity := reproduce.ClosedForm(end[0].Num("haar")), reproduce.ClosedForm(end[0].Num("identity"))
	if f.model.Name == "denoiser" {
		haar.Kind = reproduce.QuadratureKind
	}
	full, half := reproduce.PerSeed(trace, level), reproduce.PerSeed(f.traces(r, true), level)
	fall := full.Value - identity.Value
	drop := func(rows []reproduce.Row) float64 { return dropStep(rows, full.Value, identity.Value) }
	mean := reproduce.PerSeed(trace, drop).Value
	// A height h = c₁η + c₂η² has a second order of the size h²/level. Of it the extrapolation leaves −c₂η²/2, and the quotient of the heights
	// is 2 + c₂η/c₁.
	height := full.Value - haar.Value
	second := height / haar.Value
	return []reproduce.Claim{
		reproduce.Equal("level of the plateau, extrapolated to learning rate 0, beside the Haar candidate's error", half.Times(2).Minus(full), haar, fall,
			second*height/2),
		// Without an effect of the rate the quotient would be 1.
		reproduce.Equal("height of the plateau above the Haar candidate, over that at half the learning rate", full.Minus(haar.Estimate).Over(half.Minus(haar.Estimate)),
			reproduce.ClosedForm(2), 1, second),
		// Of a straight line from the level to the middle of the drop half lies so near; of a step, all.
		reproduce.Above("share of the time until the middle of the drop in which the error is within a quarter of the drop of the level", reproduce.PerSeed(trace, func(rows []reproduce.Row) float64 {
			return shareNear(rows, full.Value, (full.Value-identity.Value)/4, drop(rows))
		}), reproduce.ClosedForm(0.5), 0.5),
		reproduce.Below("step of the middle of the drop: mean distance of a seed from the mean, over the mean", reproduce.PerSeed(trace, func(rows []reproduce.Row) float64 {
			return math.Abs(drop(rows)/mean - 1)
		}), reproduce.ClosedForm(0.25), 0.25),
		// The rate has gone to 0. A row that is not a coordinate yet costs its share of the drop, and less than one is left open.
		reproduce.Equal("final error, beside the identity candidate's", mse(end), identity, fall, fall/end[0].Num("dim")),
	}, nil
}

// dropStep is the first step on which the test error is behind the middle of the drop, infinite if there is none.
func dropStep(trace []reproduce.Row, from, to float64) float64 {
	for _, row := range trace {
		if row.Num("test_mse") < (from+to)/2 {
			return row.Num("step")
		}
	}
	return math.Inf(1)
}

// shareNear is the share of the rows until a step whose test error is near a level.
func shareNear(trace []reproduce.Row, level, distance, until float64) float64 {
	near, all := 0.0, 0.0
	for _, row := range trace {
		if row.Num("step") > until {
			break
		}
		all++
		if math.Abs(row.Num("test_mse")-level) <= distance {
			near++
		}
	}
	return near / all
}
