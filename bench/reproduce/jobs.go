package reproduce

import (
	"context"
	"errors"
	"fmt"

	"autoamp/datasets/durable"
	"autoamp/graph"
	"autoamp/train/sweep/cells"
)

// jobs are some cells as jobs of the engine.
func (r *runner) jobs(from, end int) []*cells.Job {
	var jobs []*cells.Job
	for i := from; i < end; i++ {
		jobs = append(jobs, r.e.job(&r.cells[i], r.keys[i]))
	}
	return jobs
}

// job is a cell as a job of the engine.
func (e *Experiment) job(c *Cell, key string) *cells.Job {
	return &cells.Job{Name: c.Name, ID: key, Cells: []string{key}, Run: func(ctx context.Context, env *Env, _ []string) ([]cells.Result, error) {
		out, err := c.Run(ctx, env)
		if err != nil {
			return nil, fmt.Errorf("reproduce: %s, cell %s: %w", e.Name, c.Name, err)
		}
		return []cells.Result{{Key: key, Output: *out}}, nil
	}}
}

// env is the surroundings of the i-th cell on a device.
func (r *runner) env(exec graph.Executor, i int, job *cells.Job) *Env {
	env := &Env{Executor: exec, Dir: r.cellDir(job.ID), Disk: r.Disk, Logger: r.Logger}
	if r.Progress != nil {
		env.Progress = r.Progress(Place{Experiment: r.e.Name, Cell: job.Name, Done: i, Cells: len(r.cells)})
	}
	return env
}

// done counts the cells that are stored.
func (r *runner) done() int {
	r.stored.Lock()
	defer r.stored.Unlock()
	n := 0
	for _, key := range r.keys {
		if r.table.Has(key) {
			n++
		}
	}
	return n
}

// tableStore keeps all cells of an experiment in its table, for one process that holds the directory.
type tableStore struct{ *runner }

// Missing implements cells.Store.
func (s tableStore) Missing(job *cells.Job) ([]string, error) {
	s.stored.Lock()
	defer s.stored.Unlock()
	if s.table.Has(job.ID) {
		return nil, nil
	}
	return job.Cells, nil
}

// Put stores the output of a cell: first the matrices, then the rows. Stored rows mark the cell as done.
func (s tableStore) Put(job *cells.Job, results []cells.Result, took cells.Took) error {
	s.stored.Lock()
	defer s.stored.Unlock()
	for _, out := range results {
		for name, m := range out.Matrices {
			if err := matrices(s.file(matricesFolder)).write(s.Disk, name, m); err != nil {
				return err
			}
		}
		if err := s.table.Put(out.Key, out.Rows); err != nil {
			return fmt.Errorf("reproduce: %w", err)
		}
	}
	s.outcome.Cost.add(job.ID, took.Wall, took.CPU, s.Settings)
	s.outcome.Cost.keep(s.keys)
	err := errors.Join(s.table.Write(s.Disk, s.file(tableFile), s.keys), durable.WriteJSON(s.Disk, s.file(costFile), s.outcome.Cost))
	if err != nil {
		return fmt.Errorf("reproduce: %s, cell %s: %w", s.e.Name, job.Name, err)
	}
	return nil
}
