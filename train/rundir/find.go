package rundir

import (
	"errors"
	"fmt"
	"path/filepath"
)

// Find opens the checkpoint at a path, or the newest one of the run directory at the path.
func Find(path string) (*Checkpoint, error) {
	if Exists(filepath.Join(path, StateFile)) {
		return Open(path)
	}
	c, err := Newest(path)
	if errors.Is(err, ErrNoCheckpoint) {
		return nil, fmt.Errorf("train: model = %s: must be a run directory or a checkpoint", path)
	}
	return c, err
}

// Run is the run directory of the checkpoint.
func (c *Checkpoint) Run() string { return filepath.Dir(filepath.Dir(c.Path)) }
