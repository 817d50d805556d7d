package train

import (
	"fmt"
	"io"
	"os"

	"autoamp/graph"
)

// restore sets the run to a checkpoint: weights, state, and what the rows up to there tell.
func (r *run) restore(path string) error {
	s, err := loadState(path, len(r.replicas))
	if err != nil {
		return err
	}
	if s.Step > uint64(r.config.Steps) {
		return checkpointError(path, checkpointState, fmt.Errorf("step %d, but the run has %d", s.Step, r.config.Steps))
	}
	buffers := r.programs.Train.Tensors()
	for i := range r.replicas {
		write := func(b graph.Buffer, values []float32) error {
			if err := r.runner.Write(b.Name, i, values); err != nil {
				return fmt.Errorf("write %s: %w", b.Name, err)
			}
			return nil
		}
		if err := loadTensors(path, s, i, buffers, write); err != nil {
			return err
		}
	}
	r.state, r.wallPast, r.saved, r.savedStep = s, s.WallS, path, s.Step
	return r.replay()
}

// replay reads the rows up to the checkpoint again, for the staircases.
func (r *run) replay() error {
	name := r.dir.file(metricsFile)
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("train: metrics: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, r.MetricsBytes))
	if err != nil {
		return fmt.Errorf("train: metrics: %w", err)
	}
	if int64(len(data)) < r.MetricsBytes {
		return fmt.Errorf("train: %s: %d bytes, but the checkpoint %s was written after %d",
			name, len(data), r.saved, r.MetricsBytes)
	}
	rows, err := parseMetrics(data)
	if err != nil {
		return fmt.Errorf("train: %s: %w", name, err)
	}
	for _, row := range rows {
		if row.Replica < 0 || row.Replica >= len(r.replicas) {
			return fmt.Errorf("train: %s: replica %d of %d", name, row.Replica, len(r.replicas))
		}
		r.last[row.Replica] = row
		r.stairs[row.Replica].add(row.Step, row.TrainMSE)
	}
	return nil
}
