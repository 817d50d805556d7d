package bench

import (
	"context"
	"math"
	"slices"
	"time"
)

// stepper does training steps. Run returns after the last step is done.
type stepper interface {
	Run(steps int) error
	Close() error
}

// Spread is a median with its percentiles.
type Spread struct {
	Median float64 `json:"median"`
	P10    float64 `json:"p10"`
	P90    float64 `json:"p90"`
}

// spread returns the percentiles of values, interpolated; NaN for none.
func spread(values []float64) Spread {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return Spread{Median: quantile(sorted, 0.5), P10: quantile(sorted, 0.1), P90: quantile(sorted, 0.9)}
}

func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 == len(sorted) {
		return sorted[low]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

// clock times one run of steps, in milliseconds per step.
func clock(s stepper, steps int) (float64, error) {
	began := time.Now()
	err := s.Run(steps)
	return 1e3 * time.Since(began).Seconds() / float64(steps), err
}

// alike is the difference of two runs that are taken for equally fast, as a share of the first.
const alike = 0.05

// steady repeats a run of steps until two successive runs are alike, or until warmUp has passed. It
// returns the time of the last run, in milliseconds per step, and the number of runs. After a pause
// caches are cold, and Linux may have woken two threads on one core.
func steady(s stepper, steps int, warmUp time.Duration) (ms float64, runs int, err error) {
	began := time.Now()
	for previous := math.NaN(); ; previous = ms {
		if ms, err = clock(s, steps); err != nil {
			return 0, runs, err
		}
		runs++
		if math.Abs(ms-previous) <= alike*previous || time.Since(began) >= warmUp {
			return ms, runs, nil
		}
	}
}

// calibrate warms a stepper up and returns the number of steps that take about chunk.
func calibrate(ctx context.Context, s stepper, chunk time.Duration) (int, error) {
	if _, err := clock(s, 1); err != nil { // first touch of every buffer
		return 0, err
	}
	steps := 1
	for {
		ms, err := clock(s, steps)
		if err != nil {
			return 0, err
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		target := 1e3 * chunk.Seconds() / ms
		if float64(steps) > target/2 {
			return max(1, int(math.Round(target))), nil
		}
		steps = min(int(math.Ceil(target)), 10*steps)
	}
}
