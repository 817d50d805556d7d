package train

import (
	"fmt"
	"math"
	"strings"

	"autoamp/train/config"
	"autoamp/train/rundir"
	"autoamp/train/theory"
)

// A run has not converged if its loss still falls at its end, or if a replica's error is above the best candidate's. The first sign
// needs no theory, but a schedule that ends at rate 0 hides it: a run that stopped half-way is flat there too. Then the second
// sign is left.
const (
	// stillFalling is the share of the loss that the last twentieth of the updates takes off the twentieth before. There the noise
	// of a cosine's rate is nearly gone: runs of adam and sgd that have arrived lose at most 0.3 %, in the last tenth up to 2 %.
	stillFalling = 0.01
	// tooHigh is the distance from the theory at this d. Converged runs end within 2 %.
	tooHigh = 0.03
)

// judged reports whether convergence is judged: not for alternating minimisation, which stops at a time, and not for the tied model
// and data of dictionaries, which have other measures.
func (r *run) judged() bool { return !r.config.Alternating() && theory.Known(r.config) }

// judge sets whether the runs of a point have converged and, where they have not, why and what may help.
func (r *run) judge(p *Point, runs []RunResult) {
	if !r.judged() {
		return
	}
	var why []string
	if fall := r.fall(runs); fall > stillFalling {
		why = append(why, fmt.Sprintf("the loss still falls, by %.1f %% in the last twentieth of the steps", 100*fall))
	}
	high := r.height(p, runs)
	if high > tooHigh {
		why = append(why, fmt.Sprintf("the error is %.1f %% above the theory's (%s)", 100*high, p.Candidate))
	}
	converged := len(why) == 0
	p.Converged = &converged
	if !converged {
		p.Reason, p.Advice = strings.Join(why, "; "), r.advice(p.Candidate, runs, high)
	}
}

// fall is the largest share of the loss that a replica lost between the last two twentieths of the updates.
func (r *run) fall(runs []RunResult) float64 {
	var most float64
	end := float64(r.step())
	for _, run := range runs {
		stair := &r.stairs[run.Replica]
		before, rows := stair.mean(0.9*end, 0.95*end)
		now, rowsNow := stair.mean(0.95*end, end)
		if rows > 0 && rowsNow > 0 && before-now > negligible/10 {
			most = math.Max(most, 1-now/before)
		}
	}
	return most
}

// height is how far the worst replica is above the theory at this d, relative to it and beyond four standard errors. For candidates
// without a correction (theory.LimitOnly) it is above the limit. height is 0 where there is no theory at this d, where the model does not reach the theory (rigamp and deep), and for held-out rows of a data set,
// which may have another mean square.
func (r *run) height(p *Point, runs []RunResult) float64 {
	name := r.config.Model.Name
	reference := p.Expected
	if theory.LimitOnly(p.Candidate) {
		reference = p.Limit
	}
	if reference == 0 || r.data != nil || name != "shallow" && name != "denoiser" {
		return 0
	}
	var most float64
	for _, run := range runs {
		most = math.Max(most, (run.TestMSE-4*run.TestMSEStderr)/reference-1)
	}
	return most
}

// advice says what may help a run that has not converged. Rows with a spike fall back to Haar rows in the noise of large steps: a third
// of the rate. With pairs it is the scale of a localised row: its small entries, by which the rows of a pair differ, are a fifth of a
// random row's, and so is the rate at which a step moves them by as large a share, and the surrogate must be as narrow as what they
// say. Sparse Rademacher data, p = 0.219, r = 1.32, d = 193 end at 0.3058 with the defaults, at 0.2428 with a third of the rate from the
// localised start, and at 0.2319 with a fifth and half of τ. A fifth alone is no remedy: at p = 0.741, r = 1.13, d = 233 it loses pairs
// after 3000 steps and ends at 0.2243, beside 0.1927 with the defaults and 0.1915 with half of τ too.
//
// Rows that have kept a spike and are above the spiked encoder have lost their small entries to the surrogate's bias, as they do once the
// rate is small beside τ² (kogler-tau). More steps and a smaller rate at the same τ make it worse, and a smaller τ helps: sparse Rademacher data,
// p = 0.7, d = 100, τ = 0.03 all the way end at 0.2531, at 0.3000, the identity's error, with four times the steps, and at 0.2482 and 0.2448
// with a third of τ.
func (r *run) advice(candidate string, runs []RunResult, high float64) string {
	c := r.config
	if theory.OfSpikes(candidate) && spikes(runs) > 0.5 && (high > tooHigh || c.Model.TauFinal == 1) {
		return fmt.Sprintf("try --tau %.2g, another --seed", c.Model.Tau/3)
	}
	help := []string{fmt.Sprintf("--steps %d", 2*c.Steps)}
	if c.Optimizer.Project != nil && !*c.Optimizer.Project {
		help = append(help, "--project")
	}
	if c.Model.Init == config.InitRandom && c.Model.Encoder == "trained" && !c.Data.IsSet() && c.Model.Name != config.TiedModel {
		help = append(help, "--init best")
	}
	if theory.LimitOnly(candidate) {
		help = append(help, fmt.Sprintf("--lr %.2g", c.Optimizer.LearningRate/3))
	}
	if theory.OfPairs(candidate) {
		help = append(help, fmt.Sprintf("--init localised --lr %.2g --tau %.2g", c.Optimizer.LearningRate/5, c.Model.Tau/2))
	}
	return "try " + strings.Join(append(help, "another --seed"), ", ")
}

// spikes is the share of rows with a spike, the mean of the runs.
func spikes(runs []RunResult) (share float64) {
	for _, run := range runs {
		share += run.Structure.PermutationRows / float64(len(runs))
	}
	return share
}

// allConverged is the verdict on all points; nil if none is judged.
func allConverged(points []rundir.Point) *bool {
	var all *bool
	for _, p := range points {
		if p.Converged != nil {
			verdict := *p.Converged && (all == nil || *all)
			all = &verdict
		}
	}
	return all
}
