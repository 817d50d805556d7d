package reproduce

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"autoamp/datasets"
	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/rundir"
	"autoamp/train/theory"
)

// Training is a cell that trains the replicas of one configuration side by side.
type Training struct {
	Name   string
	Config train.Config // several p and seeds are replicas; zero fields mean the defaults
	// Trace adds rows along the training, kind "trace", to the rows of the trained models, kind "final".
	Trace bool
	// Encoders lists the p for which the cell keeps the encoder B of the first seed, as the matrix EncoderName.
	Encoders []float64
}

// TrainingColumns are the columns of Training's rows: a row of kind final for every p and seed, and with Trace one for every
// p, seed and measured step.
//
// expected is the error of the better of the paper's two candidates at this d and limit its value as d → ∞ (theory.OfPaper). haar is the error of
// the theory for an encoder that stays Haar. plateau is the level of the first plateau that the loss left, and drop is the step
// at which the loss left it; both are empty if the loss left none.
var TrainingColumns = []string{
	"kind", "model", "data", "p", "rate", "dim", "seed", "batch", "steps", "learning_rate", "tau",
	"step", "train_mse", "test_mse", "test_mse_stderr", "expected", "limit", "haar", "identity",
	"gram_rms", "gram_max", "tied", "permutation", "empty_columns", "permutation_rows", "plateau", "drop",
}

// EncoderName is the name of the matrix that a Training keeps of its encoder at p.
func EncoderName(cell string, p float64) string { return fmt.Sprintf("%s-p%g", cell, p) }

// Cell is the training as a cell. Zero fields of its configuration mean the defaults that train had when the recipes of the figures
// were chosen, config.Earlier: a random start, norms that grow, and ε = 1e-8.
func (t Training) Cell() Cell {
	t.Config = t.Config.Earlier()
	return Cell{
		Name: t.Name,
		Settings: struct {
			Config   train.Config `json:"config"`
			Trace    bool         `json:"trace"`
			Encoders []float64    `json:"encoders,omitempty"`
		}{AsEarlier(t.Config), t.Trace, t.Encoders},
		Run: t.run,
	}
}

// AsEarlier leaves out of the settings of a cell what earlier versions had no setting for, so that tables that they computed are
// found again.
func AsEarlier(c train.Config) train.Config {
	if c.Optimizer.Project != nil && !*c.Optimizer.Project {
		c.Optimizer.Project = nil
	}
	if c.Model.Init == config.InitRandom && c.Model.Name != config.TiedModel {
		c.Model.Init = ""
	}
	c.Model = c.Model.AtOneTemperature()
	return c
}

func (t Training) run(ctx context.Context, env *Env) (*Output, error) {
	trainer := train.Trainer{
		Config: t.Config, Executor: env.Executor, Dir: env.Dir, Resume: true, Logger: env.Logger, Progress: env.Progress,
		Disk: env.Disk, NoFigures: true,
	}
	s, err := trainer.Run(ctx)
	if err != nil {
		return nil, NotFetched(err, t.Config.Data.Name)
	}
	out := &Output{Matrices: map[string]*mat.Dense{}}
	for i, run := range s.Runs {
		out.Rows = append(out.Rows, t.final(s.Points[i/len(t.Config.Seeds)], run))
	}
	if t.Trace {
		rows, err := rundir.ReadMetrics(env.Dir)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out.Rows = append(out.Rows, t.traced(r, s.Points[r.Replica/len(t.Config.Seeds)]))
		}
	}
	for _, p := range t.Encoders {
		b, _, err := rundir.LoadMatrices(env.Dir, slices.Index(t.Config.Data.P, p)*len(t.Config.Seeds))
		if err != nil {
			return nil, err
		}
		out.Matrices[EncoderName(t.Name, p)] = b
	}
	return out, nil
}

// NotFetched turns the error of a missing data set into an error with the command that fetches it.
func NotFetched(err error, name string) error {
	if errors.Is(err, datasets.ErrNotFetched) {
		return &NotRunError{fmt.Sprintf("%s is not here: autoamp datasets fetch %s", name, name)}
	}
	return err
}

// row is the settings of a replica.
func (t Training) row(kind string, p float64, seed uint64) Row {
	c := t.Config
	return Row{
		"kind": kind, "model": c.Model.Name, "data": c.Data.Name, "p": p, "dim": c.Model.Dim,
		"rate": float64(c.Model.Code()) / float64(c.Model.Dim), "seed": seed, "batch": c.Batch, "steps": c.Steps,
		"learning_rate": c.Optimizer.LearningRate, "tau": c.Model.Tau,
	}
}

func (t Training) final(point train.Point, run train.RunResult) Row {
	row := t.row("final", run.P, run.Seed)
	row["step"], row["train_mse"], row["test_mse"], row["test_mse_stderr"] = t.Config.Steps, run.TrainMSE, run.TestMSE, run.TestMSEStderr
	paper := theory.OfPaper(t.Config.Model, point.Theory)
	row["limit"] = paper.Limit
	if paper.Finite > 0 { // else d is too small for the theory at finite d
		row["expected"] = paper.Finite
	}
	if finite := point.Theory.FiniteDim; finite != nil { // of laws; a data set has no correction
		switch {
		case t.Config.Model.Name == "shallow":
			row["haar"] = finite.Linear
		case finite.Denoiser != nil:
			row["haar"] = *finite.Denoiser
		}
	}
	if rows := point.Theory.Rows; rows != nil { // of data sets
		row["norm_factor"] = rows.Concentration
	}
	if point.Theory.Identity != nil {
		row["identity"] = *point.Theory.Identity
	}
	s := run.Structure
	row["gram_rms"], row["gram_max"], row["permutation"] = s.GramRMS, s.GramMax, s.Permutation
	row["empty_columns"], row["permutation_rows"] = s.EmptyColumns, s.PermutationRows
	if s.Tied != nil {
		row["tied"] = *s.Tied
	}
	if len(run.Drops) > 0 {
		row["plateau"], row["drop"] = run.Drops[0].From, run.Drops[0].Step
	}
	return row
}

func (t Training) traced(r train.Row, point train.Point) Row {
	row := t.row("trace", r.P, r.Seed)
	row["step"], row["train_mse"], row["test_mse"], row["test_mse_stderr"] = r.Step, r.TrainMSE, r.TestMSE, r.TestMSEStderr
	if paper := theory.OfPaper(t.Config.Model, point.Theory); paper.Finite > 0 {
		row["expected"] = paper.Finite
	}
	return row
}
