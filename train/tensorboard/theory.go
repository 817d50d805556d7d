package tensorboard

import (
	"fmt"
	"path/filepath"
	"time"

	"autoamp/amp"
	"autoamp/datasets/durable"
	"autoamp/train/config"
	"autoamp/train/internal/wire"
	"autoamp/train/rundir"
	"autoamp/train/theory"
)

// testError is the name of the test error. The theory's levels have it too, and so TensorBoard draws them on its chart.
const testError = "metrics/test_mse"

// WriteTheory writes the theory's levels, theory.Lines, each from step 0 to the last step of the run. It takes the predictions
// by p. A session replaces the files of an earlier one.
func WriteTheory(disk durable.Disk, dir string, c config.Config, predictions []*amp.Prediction) error {
	now := time.Now()
	for i, t := range predictions {
		folder := filepath.Join(dir, "theory")
		if len(predictions) > 1 {
			folder = filepath.Join(folder, "p="+rundir.Decimal(c.Points()[i].P))
		}
		for _, line := range theory.Lines(c.Model, theory.Completed(c.Model, t)) {
			level := []wire.Message{scalar(testError, line.MSE)}
			err := writeWhole(disk, filepath.Join(folder, line.Name), firstTime, now, summary(now, 0, level), summary(now, c.Steps, level))
			if err != nil {
				return fmt.Errorf("train: tensorboard: %w", err)
			}
		}
	}
	return nil
}
