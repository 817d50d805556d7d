package reproduce

import (
	"context"
	"math"
	"time"

	"autoamp/train"
)

// tellEvery is the time between two reports of progress.
const tellEvery = time.Second

// Told is the outside world of a cell that does the steps of its trainings itself. It tells Env.Progress how far the cell is.
type Told struct {
	*Env
	done, all   int
	began, last time.Time
}

// Telling returns the Told of a cell whose trainings have so many steps together, or that has so many parts. The cell begins now.
func Telling(env *Env, steps int) *Told {
	now := time.Now()
	return &Told{Env: env, all: steps, began: now, last: now}
}

// Steps does so many steps of one of the trainings. The error is the context's where it ends first.
func (t *Told) Steps(ctx context.Context, s *train.Stepper, count int) error {
	for range count {
		if err := ctx.Err(); err != nil {
			return err
		}
		losses, err := s.Step()
		if err != nil {
			return err
		}
		t.Step(losses...)
	}
	return nil
}

// Step counts a step of one of the trainings, with the losses per coordinate of its replicas before it, or a part of a cell, without losses. It
// tells of the last step, and of one in every second.
func (t *Told) Step(losses ...float64) {
	t.done++
	now := time.Now()
	if t.Progress == nil || now.Sub(t.last) < tellEvery && t.done < t.all {
		return
	}
	t.last = now
	mean := 0.0
	if len(losses) == 0 {
		mean = math.NaN()
	}
	for _, loss := range losses {
		mean += loss / float64(len(losses))
	}
	t.Progress(train.Progress{
		Step: t.done, Steps: t.all, Replicas: len(losses), TrainMSE: mean, TestMSE: math.NaN(), Elapsed: now.Sub(t.began),
	})
}
