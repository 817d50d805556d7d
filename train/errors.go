package train

import (
	"errors"
	"fmt"
)

// Reasons for which a run does not begin. They come wrapped in a *RefusedError.
var (
	// ErrRunExists: the directory holds a run, or other files, and Resume was not asked for.
	ErrRunExists = errors.New("the directory is in use")
	// ErrConfigMismatch: the directory holds a run with another configuration.
	ErrConfigMismatch = errors.New("another configuration")
	// ErrLocked: another process is writing into the directory.
	ErrLocked = errors.New("another process is training into it")
	// ErrCheckpoint: a checkpoint is truncated, damaged, or not one of ours.
	ErrCheckpoint = errors.New("not a whole checkpoint")
)

// RefusedError says that a run did not begin, and that nothing was written.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *RefusedError) Unwrap() error { return e.Err }

// ConfigError names a field of a Config, its value, and what is allowed.
type ConfigError struct {
	Field   string // dotted, as in config.yaml
	Value   any
	Allowed string // a predicate: "must be positive"
}

func (e *ConfigError) Error() string {
	if s, ok := e.Value.(string); ok {
		return fmt.Sprintf("train: %s = %q: %s", e.Field, s, e.Allowed)
	}
	return fmt.Sprintf("train: %s = %v: %s", e.Field, e.Value, e.Allowed)
}

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

// SingularError reports an encoder without a unique optimal decoder, in alternating minimisation.
type SingularError struct {
	Step      uint64 // updates done
	Replica   int
	Seed      uint64
	P         float64
	Objective string // GDMinConfig.Objective
	Err       error  // which rows, if known
}

func (e *SingularError) Error() string {
	remedy := "lower gdmin.step_size, set gdmin.smoothing to 1e-3, or take another seed"
	if e.Objective == Samples {
		remedy = "raise gdmin.samples, or " + remedy
	}
	return fmt.Sprintf("train: gd-min: step %d, replica %d (seed %d, p %g): %v; a code with two bits that always agree has no "+
		"unique decoder (in one or two dimensions there are few codes: lower model.rate): %s", e.Step, e.Replica, e.Seed, e.P, e.Err, remedy)
}

// Unwrap returns the reason.
func (e *SingularError) Unwrap() error { return e.Err }
