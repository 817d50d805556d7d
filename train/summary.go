package train

import (
	"context"
	"errors"
	"io/fs"
	"math"

	"autoamp/amp"
	"autoamp/datasets/durable"
	"autoamp/train/report"
	"autoamp/train/rundir"
	"autoamp/train/theory"
)

// finish evaluates the trained models, and writes figures and summary.
func (r *run) finish(ctx context.Context) (*Summary, error) {
	if err := r.save(); err != nil {
		return nil, err
	}
	if len(r.shapes) == 0 { // resumed at the last step, or nothing is written
		if err := r.shape(); err != nil {
			return nil, err
		}
	}
	losses, err := r.evaluateFinally(ctx)
	if err != nil {
		return nil, err
	}
	s := r.summarise(losses)
	if err := r.publish(s); err != nil {
		return nil, err
	}
	for _, p := range s.Points {
		fields := []any{keyP, p.P, keyMSE, p.TestMSE, keyStderr, p.TestMSEStderr}
		if p.Expected > 0 {
			fields = append(fields, keyTheory, p.Expected, keyCandidate, p.Candidate)
		}
		r.log.Info("trained", append(fields, keyMs, s.MsPerStep)...)
		if p.Converged != nil && !*p.Converged {
			r.log.Warn(MessageNotConverged, keyP, p.P, keyReason, p.Reason, keyAdvice, p.Advice)
		}
	}
	return s, nil
}

// summarise computes the summary from the losses (batches, replicas) of the final evaluation.
func (r *run) summarise(losses []float64) *Summary {
	s := &Summary{
		TrainSteps: r.step(), WallS: r.wall(), MsPerStep: 1e3 * r.TrainS / float64(r.step()),
		Device: r.algorithm.Device(), Out: r.Dir, Model: r.config.Model, Coherence: coherence(r.config),
		Environment: rundir.ThisEnvironment(),
	}
	if r.data != nil {
		s.Data = r.data.summary
	}
	for i, rep := range r.replicas {
		mse, stderr := r.testError(losses, i)
		s.Runs = append(s.Runs, RunResult{
			Replica: i, Seed: rep.Seed, P: rep.P, TestMSE: mse, TestMSEStderr: stderr, TrainMSE: r.last[i].TrainMSE,
			Plateaus: notNil(r.stairs[i].plateaus), Drops: notNil(r.stairs[i].drops),
			Structure: r.shapes[i],
		})
	}
	if r.trace != nil {
		for i, g := range r.trace.Results() {
			s.Runs[i].GDMin = g
		}
	}
	for i, at := range r.config.Points() {
		runs := r.runsAt(s.Runs, i)
		s.Points = append(s.Points, point(at.P, r.theory[i], r.best[i], runs))
		r.judge(&s.Points[i], runs)
	}
	s.Converged = allConverged(s.Points)
	s.TestMSE, s.TestMSEStderr, s.Theory = s.Points[0].TestMSE, s.Points[0].TestMSEStderr, s.Points[0].Theory
	return s
}

// runsAt are the runs of a point.
func (r *run) runsAt(runs []RunResult, point int) []RunResult {
	var out []RunResult
	for i, run := range runs {
		if r.pointOf[i] == point {
			out = append(out, run)
		}
	}
	return out
}

// notNil makes an empty list [] in JSON, not null.
func notNil[T any](list []T) []T { return append([]T{}, list...) }

// point averages the runs at one p.
func point(p float64, t *amp.Prediction, best theory.Candidate, runs []RunResult) Point {
	var values, distances []float64
	var variance, train float64 // variance of the evaluation of the mean
	for _, r := range runs {
		values = append(values, r.TestMSE)
		distances = append(distances, r.Structure.Permutation)
		train += r.TrainMSE / float64(len(runs))
		variance += r.TestMSEStderr * r.TestMSEStderr
	}
	mean, spread := meanStderr(values)
	out := Point{P: p, Theory: t, TestMSE: mean, TrainMSE: train}
	out.TestMSEStderr = max(spread, math.Sqrt(variance)/float64(len(runs)))
	out.Permutation, out.PermutationStderr = meanStderr(distances)
	out.Expected, out.Limit, out.Candidate = best.Finite, best.Limit, best.Name
	if out.Expected > 0 {
		gap := out.TestMSE/out.Expected - 1
		out.Gap = &gap
	}
	return out
}

// publish writes summary.json, which marks the run as finished, and draws the figures. A figure that fails does not fail the
// run: it is a warning, and a resumed run draws the figure again.
func (r *run) publish(s *Summary) error {
	if r.dir == nil {
		r.recordResults(s, false)
		return nil
	}
	rows, err := r.syncRows()
	if err != nil {
		return err
	}
	r.release() // figures are drawn from files
	s.WallS = r.wall()
	if err := r.dir.WriteSummary(s, rows); err != nil {
		return err
	}
	r.recordResults(s, false)
	r.draw(report.Draw)
	return nil
}

// again draws the missing figures of a finished run, and removes old checkpoints.
func (r *run) again() {
	r.log = r.dir.Logger(r.Logger)
	r.prune()
	r.recordResults(r.finished, true)
	r.draw(report.DrawMissing)
}

// draw draws figures from the files of the run directory.
func (r *run) draw(figures func(disk durable.Disk, dir string) error) {
	if r.NoFigures {
		return
	}
	if err := figures(r.dir.Disk, r.dir.Path); err != nil {
		r.log.Warn("figures", keyError, err)
	}
}

// readSummary returns the summary of a finished run, nil if there is none. One that is damaged is computed again.
func (r *run) readSummary() *Summary {
	s, err := rundir.ReadSummary(r.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.dir.Logger(r.Logger).Warn("the summary is computed again", keyError, err)
	}
	if err != nil || s.TrainSteps != r.config.Steps {
		return nil
	}
	s.Out = r.Dir
	return s.Summary
}
