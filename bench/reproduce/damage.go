package reproduce

import (
	"errors"
	"fmt"
	"io/fs"

	"autoamp/datasets/durable"
	"autoamp/train"
)

// damagedError reports a file whose content differs from the written content.
type damagedError struct {
	path   string
	err    error
	remedy string
}

func (e *damagedError) Error() string { return fmt.Sprintf("%s: %v; %s", e.path, e.err, e.remedy) }
func (e *damagedError) Unwrap() error { return e.err }

// damaged makes a *damagedError of an error that is not nil.
func damaged(path string, err error, remedy string) error {
	if err == nil {
		return nil
	}
	return &damagedError{path, err, remedy}
}

// ofFiles reports whether an error is about files. Such an error is no evidence for or against the claims of an experiment.
func ofFiles(err error) bool {
	var (
		path    *fs.PathError
		damaged *damagedError
		refused *train.RefusedError
	)
	return errors.As(err, &path) || errors.As(err, &damaged) || errors.As(err, &refused) || ofMachine(err)
}

// ofMachine reports whether the next file will fail with the same error: the disk is full or fails, or the directory is gone.
func ofMachine(err error) bool { return durable.Exhausted(err) || errors.Is(err, durable.ErrMoved) }

// refuse makes a *train.RefusedError of an error that keeps a run from beginning, unless the machine is the cause.
func refuse(err error) error {
	if err == nil || ofMachine(err) {
		return err
	}
	return &train.RefusedError{Err: err}
}

// refuseDamaged is refuse of a damaged file.
func refuseDamaged(path string, err error, remedy string) error {
	if err == nil {
		return nil
	}
	return refuse(fmt.Errorf("reproduce: %w", damaged(path, err, remedy)))
}
