package cells

import (
	"context"
	"log/slog"

	"gonum.org/v1/gonum/mat"

	"autoamp/datasets/durable"
	"autoamp/graph"
	"autoamp/train"
)

// Job is cells that are computed together.
type Job struct {
	// Name is for people.
	Name string
	// ID names the job's claim and folder: a word of letters, digits, '-' and '.'.
	ID string
	// Cells are the keys of the job's cells.
	Cells []string
	// Seconds is the estimated time on one core.
	Seconds float64
	// Run computes the cells with the given keys, some of Cells. It looks at ctx at least once a second. A Result may hold an error of
	// its cell alone.
	Run func(ctx context.Context, env *Env, keys []string) ([]Result, error)
}

// Env is the outside world of a job.
type Env struct {
	Executor graph.Executor
	// Dir is a directory for this job alone; it need not exist yet. It outlives an interruption, and it is removed once
	// the rows are stored.
	Dir      string
	Sweep    string               // the directory of all jobs, for what stays
	Disk     durable.Disk         // makes every change of Dir
	Logger   *slog.Logger         // may be nil
	Progress func(train.Progress) // may be nil
}

// Output is what a cell computes.
type Output struct {
	Rows []Row
	// Matrices are the matrices of heat maps, by names that can be file names.
	Matrices map[string]*mat.Dense
}

// Result is the output of a cell, or its error.
type Result struct {
	Key string
	Output
	Err error
}
