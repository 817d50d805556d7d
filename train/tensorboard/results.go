package tensorboard

import (
	"fmt"
	"path/filepath"
	"time"

	"autoamp/datasets/durable"
	"autoamp/train/config"
	"autoamp/train/internal/wire"
	"autoamp/train/rundir"
)

// WriteResults writes the results of a finished run into a last file for each replica: its final errors, the gap to the theory,
// and that the run succeeded. A file that is there is replaced.
func WriteResults(disk durable.Disk, dir string, c config.Config, s *rundir.Summary) error {
	now, points := time.Now(), c.PointOf()
	for i, folder := range replicaFolders(c) {
		r := s.Runs[i]
		values := []wire.Message{
			scalar("summary/test_mse", r.TestMSE), scalar("summary/test_mse_stderr", r.TestMSEStderr), scalar("summary/train_mse", r.TrainMSE),
		}
		if expected := s.Points[points[i]].Expected; expected > 0 {
			values = append(values, scalar("summary/gap", r.TestMSE/expected-1))
		}
		values = append(values, ended(now))
		if err := writeWhole(disk, filepath.Join(dir, folder), lastTime, now, summary(now, s.TrainSteps, values)); err != nil {
			return fmt.Errorf("train: tensorboard: %w", err)
		}
	}
	return nil
}

// HasResults reports whether WriteResults has written every file.
func HasResults(dir string, c config.Config) bool {
	for _, folder := range replicaFolders(c) {
		if !rundir.Exists(filepath.Join(dir, folder, fileName(lastTime))) {
			return false
		}
	}
	return true
}
