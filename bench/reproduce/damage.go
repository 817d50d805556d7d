package reproduce

import (
	"errors"
	"fmt"
	"io/fs"

	"autoamp/datasets/durable"
	"autoamp/train"
	"autoamp/train/sweep/cells"
)

// damaged makes a *cells.DamagedError of an error that is not nil.
func damaged(path string, err error, remedy string) error {
	if err == nil {
		return nil
	}
	return &cells.DamagedError{Path: path, Err: err, Remedy: remedy}
}

// ofFiles reports whether an error is about files. Such an error is no evidence for or against the claims of an experiment.
func ofFiles(err error) bool {
	var (
		path    *fs.PathError
		damaged *cells.DamagedError
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

// readTable reads the table of an experiment. A damaged one is refused.
func readTable(path string, columns []string) (*cells.Table, bool, error) {
	table, other, err := cells.ReadTable(path, columns)
	if err == nil {
		return table, other, nil
	}
	err = fmt.Errorf("reproduce: %w", err)
	if damage := (*cells.DamagedError)(nil); errors.As(err, &damage) {
		err = refuse(err)
	}
	return nil, false, err
}
