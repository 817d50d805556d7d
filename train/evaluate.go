package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"autoamp/graph"
)

// Evaluation numbers its batches separately from training. The batches for the row after step s
// begin at s·Evaluation.Batches. The batches of the final evaluation come after all others.
const finalEvaluation = 1 << 62 // steps are below 2⁴⁰, batches of a row at most config.MaxBatches

// row records one row per replica, with the losses (batches, replicas) of an evaluation of the current weights.
func (r *run) row(losses []float64) error {
	schedule := r.config.Update().Schedule
	for i, rep := range r.replicas {
		test, stderr := r.testError(losses, i)
		row := Row{
			Step: r.step(), Replica: i, Seed: rep.Seed, P: rep.P,
			LearningRate: rep.LearningRate * schedule.At(r.Step-1),
			TrainMSE:     r.Window[i] / float64(r.WindowSteps),
			TestMSE:      test, TestMSEStderr: stderr, Expected: r.best[r.pointOf[i]].Finite,
		}
		row.Mark = r.stairs[i].add(row.Step, row.TrainMSE)
		r.last[i], r.Window[i] = row, 0
		if err := r.record(row); err != nil {
			return fmt.Errorf("train: metrics: %w", err)
		}
	}
	r.WindowSteps = 0
	return nil
}

// record gives a row to metrics.csv and to the caller's Recorder.
func (r *run) record(row Row) error {
	if r.metrics != nil {
		if err := r.metrics.Record(row); err != nil {
			return err
		}
	}
	if err := r.events.Row(row); err != nil {
		return err
	}
	if r.Recorder != nil {
		return r.Recorder.Record(row)
	}
	return nil
}

// recordTrace gives an evaluation to gdmin.csv, for alternating minimisation.
func (r *run) recordTrace(losses []float64) error {
	if r.trace == nil {
		return nil
	}
	return r.trace.Record(r.step(), losses)
}

// evaluateRow is the evaluation for the rows after the step that is done; NaN where no row is to have a test error.
func (r *run) evaluateRow(ctx context.Context) ([]float64, error) {
	if r.OnlyFinal && r.trace == nil {
		return slices.Repeat([]float64{math.NaN()}, len(r.replicas)), nil
	}
	batches := r.config.Evaluation.Batches
	return r.evaluate(ctx, uint64(r.step())*uint64(batches), batches)
}

// evaluateFinally is the evaluation for the summary.
func (r *run) evaluateFinally(ctx context.Context) ([]float64, error) {
	return r.evaluate(ctx, finalEvaluation, r.config.Evaluation.FinalBatches)
}

// evaluate returns the test losses (batches, replicas) of the batches first, first+1, … of fresh data. It works in chunks of
// about chunkTime. When ctx is done, it returns ctx's error.
func (r *run) evaluate(ctx context.Context, first uint64, batches int) ([]float64, error) {
	losses := make([]float64, batches*len(r.replicas))
	for done := 0; done < batches; {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		now := min(int(r.evaluating), batches-done)
		part := losses[done*len(r.replicas):][:now*len(r.replicas)]
		begin := time.Now()
		if err := r.algorithm.Evaluate(first+uint64(done), now, part); err != nil {
			return nil, fmt.Errorf("train: evaluation after step %d: %w", r.step(), r.afterUpdate(err))
		}
		r.evaluating.learn(now, time.Since(begin), len(r.replicas))
		done += now
		if first >= finalEvaluation {
			r.report(part)
		}
	}
	return losses, nil
}

// afterUpdate changes the error of a loss that is not finite: the number of the last update replaces the number of the batch.
func (r *run) afterUpdate(err error) error {
	if bad := (*graph.NonFiniteError)(nil); errors.As(err, &bad) {
		at := *bad
		at.Step = max(r.Step, 1) - 1
		return &at
	}
	return err
}

// testError returns the mean test loss of one replica and its standard error, from losses (batches,
// replicas). Held-out rows that are used more than once count once, because a repeated row adds no
// information.
func (r *run) testError(losses []float64, replica int) (mean, stderr float64) {
	mean, stderr = meanStderr(column(losses, replica, len(r.replicas)))
	if r.data != nil {
		drawn := float64(len(losses)/len(r.replicas)) * float64(r.config.Batch)
		stderr *= math.Sqrt(math.Max(1, drawn/float64(r.data.held(r.config))))
	}
	return mean, stderr
}

// column returns every width-th element from the i-th on.
func column(values []float64, i, width int) []float64 {
	var out []float64
	for ; i < len(values); i += width {
		out = append(out, values[i])
	}
	return out
}

// meanStderr returns the mean and its standard error, 0 for a single value.
func meanStderr(values []float64) (mean, stderr float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	if n < 2 {
		return mean, 0
	}
	var squares float64
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(squares / (n * (n - 1)))
}
