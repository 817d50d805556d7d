package train

import (
	"fmt"
	"path/filepath"

	"autoamp/graph"
	"autoamp/train/rundir"
)

// restore sets the run to a checkpoint: the weights, the state, and the staircases of the rows up to the checkpoint.
func (r *run) restore(c *rundir.Checkpoint) error {
	if c.Step > uint64(r.config.Steps) {
		return rundir.Damaged(c.Path, rundir.StateFile, fmt.Errorf("step %d, but the run has %d", c.Step, r.config.Steps))
	}
	if err := c.CheckRows(); err != nil {
		return err
	}
	for i := range r.replicas {
		write := func(b graph.Buffer, values []float32) error {
			if err := r.algorithm.Write(b.Name, i, values); err != nil {
				return fmt.Errorf("write %s: %w", b.Name, err)
			}
			return nil
		}
		if err := c.LoadTensors(i, r.tensors, write); err != nil {
			return err
		}
	}
	r.State, r.wallPast, r.saved, r.savedStep = c.State, c.WallS, c.Path, c.Step
	return r.replay(c)
}

// replay reads the rows up to the checkpoint again, for the staircases.
func (r *run) replay(c *rundir.Checkpoint) error {
	rows, err := r.earlier(c)
	if err != nil {
		return err
	}
	for _, row := range rows {
		r.last[row.Replica] = row
		r.stairs[row.Replica].add(row.Step, row.TrainMSE)
	}
	return nil
}

// earlier returns the rows up to a checkpoint.
func (r *run) earlier(c *rundir.Checkpoint) ([]Row, error) {
	data, err := c.ReadRows(rundir.MetricsFile)
	if err != nil {
		return nil, fmt.Errorf("train: metrics: %w", err)
	}
	rows, err := rundir.ParseMetrics(data)
	if err != nil {
		return nil, fmt.Errorf("train: %s: %w", filepath.Join(r.Dir, rundir.MetricsFile), err)
	}
	return rows, nil
}
