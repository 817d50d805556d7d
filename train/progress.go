package train

import (
	"math"
	"time"
)

// Progress is how far a run is.
type Progress struct {
	Step, Steps int           // optimizer updates done, and all; Step = Steps during the final evaluation
	Replicas    int           // models that train side by side
	TrainMSE    float64       // of the last chunk of steps, mean over replicas
	TestMSE     float64       // of the last row of metrics, mean over replicas; NaN before the first, and where rows have none
	TestStep    int           // the step of that row, 0 before the first
	Points      []Point       // the errors of that row beside the theory, by p; without measures of structure
	Elapsed     time.Duration // since Run was called
}

// report tells Progress about a chunk of losses (steps, replicas).
func (r *run) report(losses []float64) {
	if r.Progress == nil {
		return
	}
	if step := r.last[0].Step; step == 0 || step != r.shown.TestStep {
		r.shown = r.newest()
	}
	now := r.shown
	now.Step, now.Steps, now.Replicas, now.Elapsed = r.step(), r.config.Steps, len(r.replicas), time.Since(r.began)
	now.TrainMSE, _ = meanStderr(losses)
	r.Progress(now)
}

// newest is what the newest row says.
func (r *run) newest() Progress {
	if r.last[0].Step == 0 {
		return Progress{TestMSE: math.NaN()}
	}
	now := Progress{TestStep: r.last[0].Step}
	runs := make([]RunResult, len(r.last))
	for i, row := range r.last {
		now.TestMSE += row.TestMSE / float64(len(r.last))
		runs[i] = RunResult{Replica: i, Seed: row.Seed, P: row.P, TestMSE: row.TestMSE, TestMSEStderr: row.TestMSEStderr, TrainMSE: row.TrainMSE}
	}
	for i, at := range r.config.Points() {
		now.Points = append(now.Points, point(at.P, r.theory[i], r.best[i], r.runsAt(runs, i)))
	}
	return now
}
