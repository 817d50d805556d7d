package reproduce

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/plotter"

	"autoamp/amp"
	"autoamp/bench"
	"autoamp/train"
	"autoamp/train/figure"
)

const koglerPaper = "Kögler et al. (ICML 2024)"

// Titles of axes.
const (
	axisP    = "p, probability of a non-zero coordinate"
	axisRate = "rate r = n/d, bits per coordinate"
	axisMSE  = "MSE per coordinate"
	axisStep = "optimizer updates"
)

// recipe is how a figure trains at one scale.
type recipe struct {
	dim, steps, batch, seeds int
	learningRate             float64 // 0 means the model's default
	epsilon                  float64 // of Adam; 0 means its default
	project                  bool    // train.OptimizerConfig.Project
	p, rates                 []float64
}

// recipes are a figure's recipes by scale.
type recipes map[Scale]recipe

// at is the recipe of a scale.
func (all recipes) at(s Scale) (recipe, error) {
	r, ok := all[s]
	if !ok {
		return r, &NotRunError{fmt.Sprintf("there is no grid at scale %s: choose quick or paper", s)}
	}
	return r, nil
}

// config is the training of a model on data at one rate, for all p and seeds of the recipe.
func (r recipe) config(seed uint64, model train.ModelConfig, data string) train.Config {
	model.Dim = r.dim
	return train.Config{
		Model: model, Data: train.DataConfig{Name: data, P: r.p}, Steps: r.steps, Batch: r.batch,
		Seeds: bench.Seeds(seed, r.seeds), Optimizer: train.OptimizerConfig{LearningRate: r.learningRate, Epsilon: r.epsilon, Project: r.project},
	}
}

// xys are the points of two columns.
func xys(rows []Row, x, y string) plotter.XYs {
	var out plotter.XYs
	for _, r := range rows {
		out = append(out, plotter.XY{X: r.Num(x), Y: r.Num(y)})
	}
	return out
}

// trained are the test errors of trained models against the column x: means over the rows with the same x.
func trained(label string, rows []Row, x string, c color.Color) figure.Marks {
	m := figure.Marks{Label: label, Colour: c}
	for _, v := range Distinct(rows, x) {
		e := Mean(Where(rows, x, v), "test_mse", "test_mse_stderr")
		m.Points = append(m.Points, plotter.XY{X: v, Y: e.Value})
		m.Errors = append(m.Errors, e.Stderr)
	}
	return m
}

// seedsOf says how many seeds a mean is over, and the dimension.
func seedsOf(rows []Row) string {
	seeds := len(Distinct(rows, "seed"))
	d := Distinct(rows, "dim")
	if seeds == 1 {
		return fmt.Sprintf("d = %g ± s.e.", d[0])
	}
	return fmt.Sprintf("d = %g, mean of %d seeds ± s.e.", d[0], seeds)
}

// finals are the rows of trained models.
func finals(r *Results) []Row { return Where(r.Rows, "kind", "final") }

// ladder returns low, …, high in n equal steps.
func ladder(low, high float64, n int) []float64 {
	var out []float64
	for i := range n + 1 {
		out = append(out, low+(high-low)*float64(i)/float64(n))
	}
	return out
}

// predict evaluates the theory's limits over p at a rate, or over rates at a p.
func predict(data string, p, rates []float64) ([]*amp.Prediction, error) {
	var out []*amp.Prediction
	for _, p := range p {
		for _, rate := range rates {
			t, err := amp.Predict(amp.Point{Data: data, P: p, MixtureMean: 1, Rate: rate}, &amp.Settings{Iterations: 2})
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

// mse is the mean test error of rows.
func mse(rows []Row) Estimate { return Mean(rows, "test_mse", "test_mse_stderr") }

// nearHaar is the tolerance for a trained encoder beside the theory of a Haar encoder at this d: 2 %, four standard
// errors, or half of the theory's 1/d correction. The correction is the mean over Haar encoders; training finds encoders
// that undo part of it, at d = 100 up to half for the sparsest data (measured), and its next order is missing.
func nearHaar(row Row) Tolerance {
	return Tolerance{Relative: 0.02, Absolute: math.Abs(row.Num("expected")-row.Num("limit")) / 2, Sigmas: 4}
}

// atTheory claims that the trained error is the theory's at this d.
func atTheory(text string, rows []Row) Claim {
	return Equal(text, mse(rows), Exact(rows[0].Num("expected")), nearHaar(rows[0]))
}

// gram is BBᵀ or, for n > d, BᵀB.
func gram(b *mat.Dense) (name string, m *mat.Dense) {
	m = &mat.Dense{}
	if n, d := b.Dims(); n > d {
		m.Mul(b.T(), b)
		return "BᵀB", m
	}
	m.Mul(b, b.T())
	return "BBᵀ", m
}

// cut is the first rows and columns of a matrix, at most 256, which a heat map can show.
func cut(m *mat.Dense) mat.Matrix {
	rows, cols := m.Dims()
	return m.Slice(0, min(rows, 256), 0, min(cols, 256))
}
