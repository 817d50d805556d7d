package kogler

import (
	"context"
	"math"
	"time"

	"autoamp/bench/reproduce"
	"autoamp/train"
)

// tellEvery is the number of steps between two reports of progress.
const tellEvery = 50

// toldSteps does the steps of a cell that consists of several trainings, and tells how far the cell is.
type toldSteps struct {
	env       *reproduce.Env
	done, all int
	began     time.Time
}

// steps does so many steps of one of the trainings, with one replica. The error is the context's where it ends first.
func (t *toldSteps) steps(ctx context.Context, s *train.Stepper, count int) error {
	done := 0
	return reproduce.Steps(ctx, s, count, func(losses []float64) {
		done++
		t.done++
		if t.env.Progress != nil && (done%tellEvery == 0 || done == count) {
			t.env.Progress(train.Progress{Step: t.done, Steps: t.all, Replicas: 1, TrainMSE: losses[0], TestMSE: math.NaN(), Elapsed: time.Since(t.began)})
		}
	})
}
