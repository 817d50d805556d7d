package reproduce

import (
	"context"
	"errors"
	"math"

	"autoamp/train"
)

// TestErrors are the errors of replicas on batches of fresh data, (batch, replica).
type TestErrors [][]float64

// Test measures the replicas of a cell's own training on the first batches of its evaluation.
func Test(ctx context.Context, s *train.Stepper, batches int) (TestErrors, error) {
	var all TestErrors
	for batch := range batches {
		losses, err := s.Evaluate(uint64(batch))
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
		all = append(all, losses)
	}
	return all, nil
}

// Of is the mean of a replica's errors over batches, with its standard error.
func (e TestErrors) Of(replica int) (mean, stderr float64) {
	n, squares := float64(len(e)), 0.0
	for _, batch := range e {
		mean += batch[replica] / n
	}
	for _, batch := range e {
		squares += (batch[replica] - mean) * (batch[replica] - mean)
	}
	return mean, math.Sqrt(squares / (n * (n - 1)))
}
