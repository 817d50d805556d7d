package kogler

import (
	"context"
	"fmt"

	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/rundir"
)

const (
	theorem41Rate    = 0.5
	theorem41Horizon = 6 // time η·steps at the end
)

// theorem41P are Gaussian data and sparse data.
var theorem41P = []float64{1, 0.3}

// theorem41: alternating minimisation, eq. (6), turns a Gaussian encoder into a Haar-like one and does not see sparsity.
func theorem41() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "kogler-theorem41", Paper: paperName,
		Title: "Spectrum of BBᵀ and error along alternating minimisation, p = 1 and 0.3, r = 0.5, beside the spectral flow, at three d",
		Claim: "BBᵀ → I exponentially, the singular vectors stay up to a rest that vanishes as d → ∞, the error tends to R_Gauss, and " +
			"sparsity changes none of it.",
		Minutes: reproduce.Minutes{Quick: 0.7, Paper: 4},
		Columns: []string{
			"design", "masks", "p", "seed", "dim", "rate", "step_size", "time", "lambda_min", "lambda_max", "ode_min", "ode_max",
			"orthogonality", "ode_orthogonality", "drift", "drift_norm", "mse", "fit_mse", "ode_mse",
		},
		Cells:   theorem41Cells,
		Figures: theorem41Figures,
		Claims:  theorem41Claims,
	}
}

// theorem41Size is a scale's grid. Balanced masks take almost all noise of the masks away: they show what d leaves. Independent
// masks, their number scanned at one d, show what the masks leave. At p = 1 a run costs little, and the drift needs more seeds.
type theorem41Size struct {
	dims        []int
	balanced    int // masks
	scanned     int // d of the scan
	independent []int
	seeds       int
	gaussian    int // seeds of p = 1 alone
}

var theorem41Sizes = map[reproduce.Scale]theorem41Size{
	reproduce.Quick: {dims: []int{50, 100, 200}, balanced: 240, scanned: 100, independent: []int{30, 60, 120, 240, 480}, seeds: 5, gaussian: 32},
	reproduce.Paper: {dims: []int{100, 200, 400}, balanced: 240, scanned: 200, independent: []int{30, 60, 120, 240}, seeds: 5, gaussian: 12},
}

// unmasked is the design in the rows of the runs of p = 1 alone.
const unmasked = "unmasked"

func theorem41Cells(p reproduce.Params) ([]reproduce.Cell, error) {
	size, ok := theorem41Sizes[p.Scale]
	if !ok {
		return nil, &reproduce.NotRunError{Reason: "the closed-form decoder is computed on the CPU: choose quick or paper"}
	}
	seeds := p.Seeds(size.seeds)
	var cells []reproduce.Cell
	for _, d := range size.dims {
		c := theorem41Config(d, theorem41P, seeds)
		c.GDMin.Masks, c.GDMin.Design = size.balanced, config.Balanced
		cells = append(cells, theorem41Cell(fmt.Sprintf("d%d", d), c, config.Balanced))
		c = theorem41Config(d, theorem41P[:1], p.Seeds(size.gaussian))
		c.GDMin.Masks = 1
		cells = append(cells, theorem41Cell(fmt.Sprintf("gaussian-d%d", d), c, unmasked))
	}
	for _, masks := range size.independent {
		c := theorem41Config(size.scanned, theorem41P[1:], seeds)
		c.GDMin.Masks, c.GDMin.Design = masks, config.Independent
		cells = append(cells, theorem41Cell(fmt.Sprintf("masks%d", masks), c, config.Independent))
	}
	return cells, nil
}

func theorem41Config(d int, p []float64, seeds []uint64) train.Config {
	return train.Config{
		Algorithm: config.GDMin, Model: train.ModelConfig{Name: "shallow", Dim: d, Rate: theorem41Rate},
		Data:  train.DataConfig{Name: "sparse-gaussian", P: p},
		GDMin: train.GDMinConfig{Horizon: theorem41Horizon}, Seeds: seeds,
	}
}

// theorem41Cell is alternating minimisation at one d, with about 24 measured rows of each replica, and 2 at p = 1 alone.
func theorem41Cell(name string, c train.Config, design string) reproduce.Cell {
	c.Evaluation.Batches = max(2, c.GDMin.Masks) // two is the least
	c = c.WithDefaults()
	c.Evaluation.Every = c.Steps / 24
	if design == unmasked {
		c.Evaluation.Every = c.Steps
	}
	return reproduce.Cell{Name: name, Settings: c, Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
		return theorem41Rows(ctx, env, c, design)
	}}
}

func theorem41Rows(ctx context.Context, env *reproduce.Env, c train.Config, design string) (*reproduce.Output, error) {
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
			"design": design, "masks": c.GDMin.Masks, "p": g.P, "seed": g.Seed, "dim": c.Model.Dim,
			"rate": float64(c.Model.Code()) / float64(c.Model.Dim), "step_size": c.GDMin.StepSize, "time": g.Time,
			"lambda_min": g.LambdaMin, "lambda_max": g.LambdaMax, "ode_min": g.ODEMin, "ode_max": g.ODEMax,
			"orthogonality": g.Orthogonality, "ode_orthogonality": g.ODEOrthogonality, "drift": g.Drift, "drift_norm": g.DriftNorm,
			"mse": g.MSE, "fit_mse": g.FitMSE, "ode_mse": g.ODEMSE,
		})
	}
	return out, nil
}
