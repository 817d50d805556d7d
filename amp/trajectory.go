package amp

import "math"

// Status says how a fixed-point iteration ended. Not converging is a status, not an error.
type Status int

// The ways in which an iteration ends.
const (
	Converged      Status = iota // the error is within Tolerance of its fixed point, by extrapolation
	IterationLimit               // MaxPasses passes were not enough
	Diverged                     // a precision left the positive numbers or became NaN
	// Contradicted is VAMP's alone: the code of its estimate differs from y in more signs than the error that it believes in allows, so
	// that the error is larger. On matrices of finite size this happens near and above the rate from which on AMP finds the data.
	Contradicted
)

// String returns the status in words.
func (s Status) String() string {
	switch s {
	case Converged:
		return "converged"
	case IterationLimit:
		return "iteration limit"
	case Diverged:
		return "diverged"
	case Contradicted:
		return "contradicted by the code"
	}
	return "unknown status"
}

// Trajectory is the error of an iteration pass by pass.
type Trajectory struct {
	MSE    []float64 // error per coordinate after each pass; never empty
	Gamma1 float64   // signal-to-noise ratio of the last pass: MSE = mmse(1/Gamma1)
	Status Status
}

// Final returns the error after the last pass.
func (t *Trajectory) Final() float64 { return t.MSE[len(t.MSE)-1] }

// After returns the error after the given number of passes ≥ 1, or the last one if the iteration stopped earlier.
func (t *Trajectory) After(passes int) float64 {
	return t.MSE[min(max(passes, 1), len(t.MSE))-1]
}

// minPasses keeps a slow start from being taken for convergence.
const minPasses = 6

// perfect is the error below which the iteration has found perfect recovery.
const perfect = 1e-12

// add appends an error and reports whether the iteration is done. With the last steps Δ′, Δ and q = Δ/Δ′ the
// distance to a linearly attracting fixed point is about Δ·q/(1−q).
func (t *Trajectory) add(mse, tolerance float64) (done bool) {
	t.MSE = append(t.MSE, mse)
	n := len(t.MSE)
	switch {
	case math.IsNaN(mse):
		t.Status = Diverged
		return true
	case mse < perfect:
		t.MSE[n-1] = 0
		t.Status = Converged
		return true
	case n < minPasses:
		return false
	}
	last, before := math.Abs(mse-t.MSE[n-2]), math.Abs(t.MSE[n-2]-t.MSE[n-3])
	if last > tolerance || last*last > tolerance*math.Max(before-last, 0) && last > 1e-15 {
		return false
	}
	t.Status = Converged
	return true
}
