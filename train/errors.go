package train

import "fmt"

// RefusedError reports that a run did not begin. Nothing was written.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *RefusedError) Unwrap() error { return e.Err }

// DivergedError reports the first loss that was not finite. The newest checkpoint is from
// before that step.
type DivergedError struct {
	Step    uint64 // the step whose loss was not finite, counted from 0
	Replica int
	Seed    uint64
	P       float64
	Tensor  string // the first tensor of that step with a NaN or an infinity
	Saved   string // the newest checkpoint's directory, empty if there is none
	Err     error  // the executor's *graph.NonFiniteError
}

func (e *DivergedError) Error() string {
	saved := "no checkpoint was written before it"
	if e.Saved != "" {
		saved = "the last good checkpoint is " + e.Saved
	}
	return fmt.Sprintf("train: step %d, replica %d (seed %d, p %g): %s is not finite: "+
		"lower optimizer.learning_rate or set optimizer.clip_norm; %s",
		e.Step, e.Replica, e.Seed, e.P, e.Tensor, saved)
}

// Unwrap returns the executor's error.
func (e *DivergedError) Unwrap() error { return e.Err }
