package sweep

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"autoamp/graph"
	"autoamp/train"
	"autoamp/train/sweep/cells"
)

// The columns of a cell's results.
const (
	TestMSEColumn   = "test_mse"
	StderrColumn    = "test_mse_stderr"
	TrainMSEColumn  = "train_mse"
	LimitColumn     = "limit"
	FiniteColumn    = "finite_d"
	GapColumn       = "gap"
	CandidateColumn = "candidate"
)

// resultColumns are the columns of a job's rows.
var resultColumns = []string{
	TestMSEColumn, StderrColumn, TrainMSEColumn, LimitColumn, FiniteColumn, GapColumn, CandidateColumn,
}

// EventFolder holds the event files of the cells' programs, where the sweep asks for them.
const EventFolder = "tensorboard"

// Kept is the estimated time from which on a program keeps checkpoints, in seconds. A shorter one begins again.
const Kept = 20

// training trains a group.
type training struct {
	grid    *Grid
	group   group
	seconds float64
}

// run trains the cells with the given keys side by side. A cell whose loss is not finite fails alone: the others train again
// without it.
func (t *training) run(ctx context.Context, env *cells.Env, keys []string) ([]cells.Result, error) {
	var todo []int
	for _, i := range t.group.cells {
		if slices.Contains(keys, t.grid.Cells[i].Key) {
			todo = append(todo, i)
		}
	}
	var failed []cells.Result
	for len(todo) > 0 {
		summary, err := t.train(ctx, env, todo)
		var diverged *train.DivergedError
		if errors.As(err, &diverged) && diverged.Replica >= 0 && diverged.Replica < len(todo) {
			failed = append(failed, cells.Result{Key: t.grid.Cells[todo[diverged.Replica]].Key, Err: err})
			todo = slices.Delete(todo, diverged.Replica, diverged.Replica+1)
			continue
		}
		if err != nil {
			return nil, err
		}
		return append(t.results(todo, summary), failed...), nil
	}
	return failed, nil
}

// train trains cells of the group.
func (t *training) train(ctx context.Context, env *cells.Env, todo []int) (*train.Summary, error) {
	c := t.grid.sideBySide(todo)
	trainer := train.Trainer{
		Config: c, Executor: env.Executor, Resume: true, NoFigures: true, OnlyFinal: !c.Tensorboard, Logger: env.Logger, Progress: env.Progress, Disk: env.Disk,
	}
	if c.Tensorboard {
		trainer.EventDir = filepath.Join(env.Sweep, EventFolder, t.grid.name(todo))
	}
	if t.seconds >= Kept {
		trainer.Dir = filepath.Join(env.Dir, t.grid.name(todo)) // other cells of the group are another run
	}
	return trainer.Run(ctx)
}

// sideBySide is the configuration of some cells of one shape.
func (g *Grid) sideBySide(some []int) train.Config {
	c := g.Config(&g.Cells[some[0]])
	if len(some) == 1 {
		return c
	}
	var replicas []graph.Replica
	for _, i := range some {
		replicas = append(replicas, g.Cells[i].Replica)
	}
	return c.SideBySide(replicas)
}

// results are the rows of cells.
func (t *training) results(todo []int, s *train.Summary) []cells.Result {
	out := make([]cells.Result, len(todo))
	pointOf := t.grid.sideBySide(todo).PointOf()
	for i, at := range todo {
		run, point := s.Runs[i], s.Points[pointOf[i]]
		row := cells.Row{
			TestMSEColumn: run.TestMSE, StderrColumn: run.TestMSEStderr, TrainMSEColumn: run.TrainMSE, CandidateColumn: point.Candidate,
		}
		if point.Limit > 0 {
			row[LimitColumn] = point.Limit
		}
		if point.Expected > 0 {
			row[FiniteColumn], row[GapColumn] = point.Expected, run.TestMSE/point.Expected-1
		}
		out[i] = cells.Result{Key: t.grid.Cells[at].Key, Output: cells.Output{Rows: []cells.Row{row}}}
	}
	return out
}
