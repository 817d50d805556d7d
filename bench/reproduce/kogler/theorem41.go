package kogler

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot/vg"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/figure"
	"autoamp/train/rundir"
)

const theorem41Rate = 0.5

var theorem41P = []float64{1, 0.3}

// theorem41: alternating minimisation, eq. (6), turns a Gaussian encoder into a Haar-like one and does not see sparsity.
func theorem41() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "kogler-theorem41", Paper: paperName,
		Title:   "Spectrum of BBᵀ and error along alternating minimisation, p = 1 and 0.3, r = 0.5, beside the spectral flow",
		Claim:   "BBᵀ → I exponentially, the singular vectors stay, the error tends to R_Gauss, and sparsity changes none of it.",
		Minutes: reproduce.Minutes{Quick: 0.15, Paper: 3},
		Columns: []string{
			"p", "seed", "dim", "rate", "step_size", "time", "lambda_min", "lambda_max", "ode_min", "ode_max",
			"orthogonality", "ode_orthogonality", "drift", "mse", "ode_mse",
		},
		Cells:   theorem41Cells,
		Figures: theorem41Figures,
		Claims:  theorem41Claims,
	}
}

// theorem41Sizes are d, seeds and masks per step.
var theorem41Sizes = map[reproduce.Scale]struct{ dim, seeds, masks int }{
	reproduce.Quick: {dim: 200, seeds: 2, masks: 60},
	reproduce.Paper: {dim: 400, seeds: 3, masks: 100},
}

func theorem41Cells(p reproduce.Params) ([]reproduce.Cell, error) {
	size, ok := theorem41Sizes[p.Scale]
	if !ok {
		return nil, &reproduce.NotRunError{Reason: "the closed-form decoder is computed on the CPU: choose quick or paper"}
	}
	c := train.Config{
		Algorithm: config.GDMin, Model: train.ModelConfig{Name: "shallow", Dim: size.dim, Rate: theorem41Rate},
		Data: train.DataConfig{Name: "sparse-gaussian", P: theorem41P}, GDMin: train.GDMinConfig{Masks: size.masks},
		Seeds: p.Seeds(size.seeds), Evaluation: train.EvaluationConfig{Batches: size.masks},
	}.WithDefaults()
	return []reproduce.Cell{{Name: "gd-min", Settings: c, Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
		return theorem41Rows(ctx, env, c)
	}}}, nil
}

func theorem41Rows(ctx context.Context, env *reproduce.Env, c train.Config) (*reproduce.Output, error) {
	t := train.Trainer{
		Config: c, Executor: env.Executor, Dir: env.Dir, Resume: true, Logger: env.Logger, Progress: env.Progress,
		Disk: env.Disk, NoFigures: true,
	}
	if _, err := t.Run(ctx); err != nil {
		return nil, err
	}
	trace, err := rundir.ReadGDMin(env.Dir)
	if err != nil {
		return nil, err
	}
	out := &reproduce.Output{}
	for _, g := range trace {
		out.Rows = append(out.Rows, reproduce.Row{
			"p": g.P, "seed": g.Seed, "dim": c.Model.Dim, "rate": float64(c.Model.Code()) / float64(c.Model.Dim), "step_size": c.GDMin.StepSize, "time": g.Time,
			"lambda_min": g.LambdaMin, "lambda_max": g.LambdaMax, "ode_min": g.ODEMin, "ode_max": g.ODEMax,
			"orthogonality": g.Orthogonality, "ode_orthogonality": g.ODEOrthogonality, "drift": g.Drift, "mse": g.MSE, "ode_mse": g.ODEMSE,
		})
	}
	return out, nil
}

func theorem41Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	panel := func(title, y string, log bool, columns, theory []string) *figure.Chart {
		c := &figure.Chart{Title: title, X: "time s = η·step", Y: y, LogY: log}
		first := reproduce.Where(r.Rows, "seed", r.Rows[0].Num("seed"))
		for i, column := range theory {
			label := ""
			if i == 0 {
				label = "spectral flow"
			}
			c.Add(figure.Curve{Label: label, Points: reproduce.Points(reproduce.Where(first, "p", theorem41P[0]), "time", column), Pen: figure.Dash(figure.Grey)})
		}
		for i, p := range theorem41P {
			for k, column := range columns {
				label := ""
				if k == 0 {
					label = fmt.Sprintf("gd-min, p = %g", p)
				}
				c.Add(figure.Curve{Label: label, Points: reproduce.Points(reproduce.Where(first, "p", p), "time", column), Pen: figure.Pen{Colour: figure.Colour(i), Width: 1.2}})
			}
		}
		return c
	}
	d := r.Rows[0].Num("dim")
	loss := panel("", axisMSE, false, []string{"mse"}, []string{"ode_mse"})
	loss.YMin, loss.YMax = 0.66, 0.76
	return []reproduce.Figure{{
		Name: "kogler-theorem41", Width: 8 * vg.Inch, Height: 10.5 * vg.Inch,
		Caption: "One seed. The spectral flow is an ordinary differential equation for the eigenvalues that does not contain p. At p = 0.3 " +
			"every step averages over finitely many masks. Their noise is the remaining distance to I.",
		Paint: figure.Stack([]float64{1, 1, 1},
			panel(fmt.Sprintf("Alternating minimisation, d = %g, r = 0.5", d), "extreme eigenvalues of BBᵀ", false,
				[]string{"lambda_max", "lambda_min"}, []string{"ode_max", "ode_min"}),
			panel("", "‖SSᵀ − I‖", true, []string{"orthogonality"}, []string{"ode_orthogonality"}),
			loss),
	}}, nil
}

func theorem41Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	for _, p := range theorem41P {
		rows := reproduce.Where(r.Rows, "p", p)
		last := lastTimes(rows)
		for _, s := range []float64{1, 2} {
			at := nearTime(rows, s)
			// The flow holds up to the fluctuations of the extreme eigenvalues at finite d: 2 % at d = 200.
			claims = append(claims,
				reproduce.OldEqual(fmt.Sprintf("p = %g, s = %g: smallest eigenvalue of BBᵀ, beside the flow", p, s), reproduce.Mean(at, "lambda_min", ""), reproduce.Mean(at, "ode_min", ""), reproduce.OldTolerance{Relative: 0.05}),
				reproduce.OldEqual(fmt.Sprintf("p = %g, s = %g: largest eigenvalue of BBᵀ, beside the flow", p, s), reproduce.Mean(at, "lambda_max", ""), reproduce.Mean(at, "ode_max", ""), reproduce.OldTolerance{Relative: 0.05}))
		}
		claims = append(claims,
			reproduce.OldEqual(fmt.Sprintf("p = %g: final error, beside R_Gauss", p), reproduce.Mean(last, "mse", ""), reproduce.Exact(amp.RGauss(theorem41Rate)), reproduce.OldTolerance{Relative: 0.02}),
			reproduce.OldBelow(fmt.Sprintf("p = %g: final drift of the singular vectors, relative to ‖B‖", p), reproduce.Mean(last, "drift", ""), reproduce.Exact(0.25), 0))
	}
	claims = append(claims, reproduce.OldEqual("p = 1: rate at which ‖SSᵀ − I‖ decays, from s = 3 to 6", decay(reproduce.Where(r.Rows, "p", 1)),
		reproduce.Exact(amp.SpectralFlowRate), reproduce.OldTolerance{Relative: 0.1}))
	gap := largestGap(r.Rows)
	return append(claims, reproduce.OldBelow("largest |error at p = 0.3 − error at p = 1| along the way", reproduce.Exact(gap), reproduce.Exact(0.02), 0)), nil
}

// lastTimes are the rows of the last step of every seed.
func lastTimes(rows []reproduce.Row) []reproduce.Row { return nearTime(rows, math.Inf(1)) }

// nearTime are the rows, one of each seed, nearest to a time.
func nearTime(rows []reproduce.Row, s float64) []reproduce.Row {
	var out []reproduce.Row
	for _, seed := range reproduce.Distinct(rows, "seed") {
		steps := reproduce.Where(rows, "seed", seed)
		best := steps[len(steps)-1]
		for _, row := range steps {
			if math.Abs(row.Num("time")-s) < math.Abs(best.Num("time")-s) {
				best = row
			}
		}
		out = append(out, best)
	}
	return out
}

// decay is the slope of −ln‖SSᵀ − I‖, its mean and standard error over seeds.
func decay(rows []reproduce.Row) reproduce.Estimate {
	var slopes []reproduce.Row
	for _, seed := range reproduce.Distinct(rows, "seed") {
		var s, y []float64
		for _, row := range reproduce.Where(rows, "seed", seed) {
			if row.Num("time") >= 3 {
				s, y = append(s, row.Num("time")), append(y, -math.Log(row.Num("orthogonality")))
			}
		}
		_, slope := stat.LinearRegression(s, y, nil, false)
		slopes = append(slopes, reproduce.Row{"slope": slope})
	}
	return reproduce.Mean(slopes, "slope", "")
}

// largestGap is the largest distance of the errors at the two p, of the same seed and time.
func largestGap(rows []reproduce.Row) float64 {
	gap := 0.0
	for _, row := range reproduce.Where(rows, "p", theorem41P[1]) {
		for _, other := range reproduce.Where(rows, "p", theorem41P[0], "seed", row.Num("seed"), "time", row.Num("time")) {
			gap = math.Max(gap, math.Abs(row.Num("mse")-other.Num("mse")))
		}
	}
	return gap
}
