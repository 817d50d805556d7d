package rundir

import "errors"

// Reasons why a run may not use a directory.
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
