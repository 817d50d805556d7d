package sweep

import "autoamp/train"

// The speeds behind estimates: a core of a current server (bench/results/speed.md), with vector kernels.
const (
	flopsPerSecond  = 1e11
	passesPerSecond = 4e8 // elements of batch·(n + d), through all elementwise passes of a step
)

// Seconds is the estimated time of a training of one replica on one core: its updates, evaluations and trials of starts. It
// knows nothing of the machine; compare it with other estimates, or with what has been measured.
func Seconds(c train.Config) float64 {
	b, d, n := float64(c.Batch), float64(c.Model.Dim), float64(c.Model.Code())
	if c.Alternating() { // a Cholesky factorisation and products of n, d and masks at every step
		masks := max(1, float64(c.GDMin.Masks))
		return float64(c.Steps) * masks * (n*n*n/3 + 4*n*n*d) / flopsPerSecond
	}
	layers := 1.0
	switch c.Model.Name {
	case "rigamp":
		layers = float64(max(1, c.Model.Iterations))
	case "deep":
		layers = 1 + float64(c.Model.Depth)*float64(c.Model.Width)/n
	}
	forward := 4*b*n*d*layers/flopsPerSecond + b*(n+d)*layers/passesPerSecond
	evaluations := float64(c.Evaluation.FinalBatches) + float64(c.Evaluation.Batches)*float64(c.Steps)/float64(max(1, c.Evaluation.Every))
	updates := float64(c.Steps)
	if c.Model.Init == "best" {
		updates += 2 * float64(c.TrialSteps())
	}
	return 2.5*forward*updates + forward*evaluations
}
