package reproduce

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot/vg"

	"autoamp/amp"
	"autoamp/bench"
	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/figure"
	"autoamp/train/rundir"
)

const theorem41Rate = 0.5

var theorem41P = []float64{1, 0.3}

// koglerTheorem41: alternating minimisation, eq. (6), turns a Gaussian encoder into a Haar-like one and does not see sparsity.
func koglerTheorem41() *Experiment {
	return &Experiment{
		Name: "kogler-theorem41", Paper: koglerPaper,
		Title:   "Spectrum of BBᵀ and error along alternating minimisation, p = 1 and 0.3, r = 0.5, beside the spectral flow",
		Claim:   "BBᵀ → I exponentially, the singular vectors stay, the error tends to R_Gauss, and sparsity changes none of it.",
		Minutes: Minutes{Quick: 0.15, Paper: 3},
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
var theorem41Sizes = map[Scale]struct{ dim, seeds, masks int }{
	Quick: {dim: 200, seeds: 2, masks: 60},
	Paper: {dim: 400, seeds: 3, masks: 100},
}

func theorem41Cells(p Params) ([]Cell, error) {
	size, ok := theorem41Sizes[p.Scale]
	if !ok {
		return nil, &NotRunError{"the closed-form decoder is computed on the CPU: choose quick or paper"}
	}
	c := train.Config{
		Algorithm: config.GDMin, Model: train.ModelConfig{Name: "shallow", Dim: size.dim, Rate: theorem41Rate},
		Data: train.DataConfig{Name: "sparse-gaussian", P: theorem41P}, GDMin: train.GDMinConfig{Masks: size.masks},
		Seeds: bench.Seeds(p.Seed, size.seeds), Evaluation: train.EvaluationConfig{Batches: size.masks},
	}.WithDefaults()
	return []Cell{{Name: "gd-min", Settings: c, Run: func(ctx context.Context, env *Env) (*Output, error) {
		return theorem41Rows(ctx, env, c)
	}}}, nil
}

func theorem41Rows(ctx context.Context, env *Env, c train.Config) (*Output, error) {
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
	out := &Output{}
	for _, g := range trace {
		out.Rows = append(out.Rows, Row{
			"p": g.P, "seed": g.Seed, "dim": c.Model.Dim, "rate": float64(c.Model.Code()) / float64(c.Model.Dim), "step_size": c.GDMin.StepSize, "time": g.Time,
			"lambda_min": g.LambdaMin, "lambda_max": g.LambdaMax, "ode_min": g.ODEMin, "ode_max": g.ODEMax,
			"orthogonality": g.Orthogonality, "ode_orthogonality": g.ODEOrthogonality, "drift": g.Drift, "mse": g.MSE, "ode_mse": g.ODEMSE,
		})
	}
	return out, nil
}

func theorem41Figures(r *Results) ([]Figure, error) {
	panel := func(title, y string, log bool, columns, theory []string) *figure.Chart {
		c := &figure.Chart{Title: title, X: "time s = η·step", Y: y, LogY: log}
		first := Where(r.Rows, "seed", r.Rows[0].Num("seed"))
		for i, column := range theory {
			label := ""
			if i == 0 {
				label = "spectral flow"
			}
			c.Add(figure.Curve{Label: label, Points: xys(Where(first, "p", theorem41P[0]), "time", column), Pen: figure.Dash(figure.Grey)})
		}
		for i, p := range theorem41P {
			for k, column := range columns {
				label := ""
				if k == 0 {
					label = fmt.Sprintf("gd-min, p = %g", p)
				}
				c.Add(figure.Curve{Label: label, Points: xys(Where(first, "p", p), "time", column), Pen: figure.Pen{Colour: figure.Colour(i), Width: 1.2}})
			}
		}
		return c
	}
	d := r.Rows[0].Num("dim")
	loss := panel("", axisMSE, false, []string{"mse"}, []string{"ode_mse"})
	loss.YMin, loss.YMax = 0.66, 0.76
	return []Figure{{
		Name: "kogler-theorem41", Width: 8 * vg.Inch, Height: 10.5 * vg.Inch,
		Caption: "One seed. The spectral flow is an ordinary differential equation for the eigenvalues that does not contain p. At p = 0.3 " +
			"every step averages over finitely many masks, whose noise is what is left of the distance to I.",
		Paint: figure.Stack([]float64{1, 1, 1},
			panel(fmt.Sprintf("Alternating minimisation, d = %g, r = 0.5", d), "extreme eigenvalues of BBᵀ", false,
				[]string{"lambda_max", "lambda_min"}, []string{"ode_max", "ode_min"}),
			panel("", "‖SSᵀ − I‖", true, []string{"orthogonality"}, []string{"ode_orthogonality"}),
			loss),
	}}, nil
}

func theorem41Claims(r *Results) ([]Claim, error) {
	var claims []Claim
	for _, p := range theorem41P {
		rows := Where(r.Rows, "p", p)
		last := lastTimes(rows)
		for _, s := range []float64{1, 2} {
			at := nearTime(rows, s)
			// The flow holds up to the fluctuations of the extreme eigenvalues at finite d: 2 % at d = 200.
			claims = append(claims,
				Equal(fmt.Sprintf("p = %g, s = %g: smallest eigenvalue of BBᵀ, beside the flow", p, s), Mean(at, "lambda_min", ""), Mean(at, "ode_min", ""), Tolerance{Relative: 0.05}),
				Equal(fmt.Sprintf("p = %g, s = %g: largest eigenvalue of BBᵀ, beside the flow", p, s), Mean(at, "lambda_max", ""), Mean(at, "ode_max", ""), Tolerance{Relative: 0.05}))
		}
		claims = append(claims,
			Equal(fmt.Sprintf("p = %g: final error, beside R_Gauss", p), Mean(last, "mse", ""), Exact(amp.RGauss(theorem41Rate)), Tolerance{Relative: 0.02}),
			Below(fmt.Sprintf("p = %g: final drift of the singular vectors, relative to ‖B‖", p), Mean(last, "drift", ""), Exact(0.25), 0))
	}
	claims = append(claims, Equal("p = 1: rate at which ‖SSᵀ − I‖ decays, from s = 3 to 6", decay(Where(r.Rows, "p", 1)),
		Exact(amp.SpectralFlowRate), Tolerance{Relative: 0.1}))
	gap := largestGap(r.Rows)
	return append(claims, Below("largest |error at p = 0.3 − error at p = 1| along the way", Exact(gap), Exact(0.02), 0)), nil
}

// lastTimes are the rows of the last step of every seed.
func lastTimes(rows []Row) []Row { return nearTime(rows, math.Inf(1)) }

// nearTime are the rows, one of each seed, nearest to a time.
func nearTime(rows []Row, s float64) []Row {
	var out []Row
	for _, seed := range Distinct(rows, "seed") {
		of := Where(rows, "seed", seed)
		best := of[len(of)-1]
		for _, row := range of {
			if math.Abs(row.Num("time")-s) < math.Abs(best.Num("time")-s) {
				best = row
			}
		}
		out = append(out, best)
	}
	return out
}

// decay is the slope of −ln‖SSᵀ − I‖, its mean and standard error over seeds.
func decay(rows []Row) Estimate {
	var slopes []Row
	for _, seed := range Distinct(rows, "seed") {
		var s, y []float64
		for _, row := range Where(rows, "seed", seed) {
			if row.Num("time") >= 3 {
				s, y = append(s, row.Num("time")), append(y, -math.Log(row.Num("orthogonality")))
			}
		}
		_, slope := stat.LinearRegression(s, y, nil, false)
		slopes = append(slopes, Row{"slope": slope})
	}
	return Mean(slopes, "slope", "")
}

// largestGap is the largest distance of the errors at the two p, of the same seed and time.
func largestGap(rows []Row) float64 {
	gap := 0.0
	for _, row := range Where(rows, "p", theorem41P[1]) {
		for _, other := range Where(rows, "p", theorem41P[0], "seed", row.Num("seed"), "time", row.Num("time")) {
			gap = math.Max(gap, math.Abs(row.Num("mse")-other.Num("mse")))
		}
	}
	return gap
}
