package bench

import (
	"context"
	"fmt"

	"autoamp/train"
)

// manyModels is how many models the replica rows train side by side, each at d = batch = 100.
const manyModels = 32

// ReplicaResult is the time of a step of one model among several that train side by side.
type ReplicaResult struct {
	Models  int `json:"models"`
	Threads int `json:"threads"`
	// Ms is the time of a step divided by the number of models.
	Ms Spread `json:"ms_per_model_step"`
	// Speedup is the throughput relative to one model after another on one thread.
	Speedup float64 `json:"speedup"`
}

// SideBySide measures 32 small models side by side, on each number of threads, and one model on
// one thread. They take turns.
func (s *Suite) SideBySide(ctx context.Context) ([]ReplicaResult, error) {
	results := []ReplicaResult{{Models: 1, Threads: 1}}
	for _, threads := range s.settings.Threads {
		results = append(results, ReplicaResult{Models: manyModels, Threads: threads})
	}
	steppers, counts := make([]stepper, len(results)), make([]int, len(results))
	times := make([][]float64, len(results))
	for i, r := range results {
		l, err := replicaStepper(s.settings, r)
		if err != nil {
			return nil, err
		}
		defer l.Close()
		steppers[i] = l
		if counts[i], err = calibrate(ctx, l, 2*chunk); err != nil {
			return nil, err
		}
	}
	for range s.settings.Rounds {
		for i := range results {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			ms, err := clock(steppers[i], counts[i])
			if err != nil {
				return nil, err
			}
			times[i] = append(times[i], ms/float64(results[i].Models))
		}
	}
	for i := range results {
		results[i].Ms = spread(times[i])
		results[i].Speedup = spread(times[0]).Median / results[i].Ms.Median
	}
	return results, nil
}

func replicaStepper(s SuiteSettings, r ReplicaResult) (*loaded, error) {
	exec, err := s.Open(r.Threads)
	if err != nil {
		return nil, err
	}
	c := train.Config{Model: train.ModelConfig{Dim: 100}, Batch: 100, Seeds: Seeds(1, r.Models)}
	l, err := load(c.WithDefaults(), exec)
	if err != nil {
		return nil, fmt.Errorf("bench: %d models: %w", r.Models, err)
	}
	return l, nil
}

// Seeds lists count seeds from first on.
func Seeds(first uint64, count int) []uint64 {
	seeds := make([]uint64, count)
	for i := range seeds {
		seeds[i] = first + uint64(i)
	}
	return seeds
}
