package gdmin

import (
	"fmt"

	"autoamp/train/config"
)

// SingularError reports an encoder without a unique optimal decoder, in alternating minimisation.
type SingularError struct {
	Step      uint64 // updates done
	Replica   int
	Seed      uint64
	P         float64
	Objective string // config.GDMinConfig.Objective
	Err       error  // which rows, if known
}

func (e *SingularError) Error() string {
	remedy := "lower gdmin.step_size, set gdmin.smoothing to 1e-3, or take another seed"
	if e.Objective == config.Samples {
		remedy = "raise gdmin.samples, or " + remedy
	}
	return fmt.Sprintf("train: gd-min: step %d, replica %d (seed %d, p %g): %v; a code with two bits that always agree has no "+
		"unique decoder (in one or two dimensions there are few codes: lower model.rate): %s", e.Step, e.Replica, e.Seed, e.P, e.Err, remedy)
}

// Unwrap returns the reason.
func (e *SingularError) Unwrap() error { return e.Err }
