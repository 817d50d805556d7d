package kogler

import (
	"math"
	"sync"

	"gonum.org/v1/plot/plotter"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// predict evaluates the theory's limits over p at a rate, or over rates at a p.
func predict(r *reproduce.Results, data string, p, rates []float64) ([]*amp.Prediction, error) {
	var out []*amp.Prediction
	for _, p := range p {
		for _, rate := range rates {
			at := amp.Point{Data: data, P: p, MixtureMean: 1, Rate: rate}
			t, err := reproduce.Once(r, at, func() (*amp.Prediction, error) { return amp.Predict(at, &amp.Settings{Iterations: 2}) })
			if err != nil {
				return nil, err
			}
			out = append(out, t)
		}
	}
	return out, nil
}

// curve is a quantity of the theory against p or the rate, without the points where there is none.
func curve(label string, theory []*amp.Prediction, x func(*amp.Prediction) float64, pen figure.Pen, y func(*amp.Prediction) *float64) figure.Curve {
	c := figure.Curve{Label: label, Pen: pen}
	for _, t := range theory {
		if v := y(t); v != nil {
			c.Points = append(c.Points, plotter.XY{X: x(t), Y: *v})
		}
	}
	return c
}

func overP(t *amp.Prediction) float64    { return t.P }
func overRate(t *amp.Prediction) float64 { return t.Rate }

func gaussian(t *amp.Prediction) *float64 { return &t.Gaussian }
func identity(t *amp.Prediction) *float64 { return t.Identity }
func denoiser(t *amp.Prediction) *float64 { return &t.Denoiser }
func twoSteps(t *amp.Prediction) *float64 { return &t.RIGAMP[1] }
func bayes(t *amp.Prediction) *float64    { return &t.Bayes }

// completed is a point of predictAll.
type completed struct{ amp.Point }

// predictAll is predict over rates, with time-sharing and Shannon's bound.
func predictAll(r *reproduce.Results, data string, p float64, rates []float64) ([]*amp.Prediction, error) {
	theory, err := predict(r, data, []float64{p}, rates)
	if err != nil {
		return nil, err
	}
	limits := sync.OnceValues(func() (*amp.Limits, error) { return amp.NewLimits(theory[0].Prior, &amp.Settings{Iterations: 2}) })
	var out []*amp.Prediction
	for _, t := range theory {
		all, err := reproduce.Once(r, completed{amp.Point{Data: data, P: p, Rate: t.Rate}}, func() (*amp.Prediction, error) {
			limits, err := limits()
			if err != nil {
				return nil, err
			}
			all := *t
			limits.Complete(&all)
			return &all, nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, all)
	}
	return out, nil
}

func denoiserShare(t *amp.Prediction) *float64 { return &t.TimeSharing.Denoiser }
func twoStepsShare(t *amp.Prediction) *float64 { return &t.TimeSharing.RIGAMP[1] }
func shannon(t *amp.Prediction) *float64       { return t.Shannon }
func bayesShare(t *amp.Prediction) *float64    { return &t.TimeSharing.Bayes }

// better is the error of the better one of a Haar candidate and the identity.
func better(haar func(*amp.Prediction) *float64) func(*amp.Prediction) *float64 {
	return func(t *amp.Prediction) *float64 {
		best := *haar(t)
		if t.Identity != nil {
			best = math.Min(best, *t.Identity)
		}
		return &best
	}
}
