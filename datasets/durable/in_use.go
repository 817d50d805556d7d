package durable

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// InUse reports whether a process holds a directory, see Hold. The error is ErrNoLocks where the file system cannot tell.
//
// It takes the lock for a moment, shared with other readers. Hold tries again where it meets such a moment.
func InUse(dir string) (bool, error) {
	f, err := OpenRegular(filepath.Join(dir, LockName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = lockShared(f)
	if errors.Is(err, ErrLocked) {
		return true, nil
	}
	return false, err
}
