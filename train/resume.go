package train

import (
	"fmt"
	"path/filepath"

	"autoamp/graph"
)

// restore sets the run to a checkpoint: weights, state, and what the rows up to there tell.
func (r *run) restore(c *checkpoint) error {
	if c.Step > uint64(r.config.Steps) {
		return checkpointError(c.path, checkpointState, fmt.Errorf("step %d, but the run has %d", c.Step, r.config.Steps))
	}
	if err := c.checkRows(); err != nil {
		return err
	}
	buffers := r.programs.Train.Tensors()
	for i := range r.replicas {
		write := func(b graph.Buffer, values []float32) error {
			if err := r.runner.Write(b.Name, i, values); err != nil {
				return fmt.Errorf("write %s: %w", b.Name, err)
			}
			return nil
		}
		if err := c.loadTensors(i, buffers, write); err != nil {
			return err
		}
	}
	r.state, r.wallPast, r.saved, r.savedStep = c.state, c.WallS, c.path, c.Step
	return r.replay(c)
}

// replay reads the rows up to the checkpoint again, for the staircases.
func (r *run) replay(c *checkpoint) error {
	data, err := c.readRows(metricsFile)
	if err != nil {
		return fmt.Errorf("train: metrics: %w", err)
	}
	rows, err := parseMetrics(data)
	if err != nil {
		return fmt.Errorf("train: %s: %w", filepath.Join(c.runDir(), metricsFile), err)
	}
	for _, row := range rows {
		r.last[row.Replica] = row
		r.stairs[row.Replica].add(row.Step, row.TrainMSE)
	}
	return nil
}
