package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// LockName is the file of a directory that Hold locks.
const LockName = "lock"

// Held is a directory that one process writes into. As a Disk it makes a change only while the directory and its lock are those
// that Hold found; else the error is ErrMoved. So nothing is made anew of what somebody has removed or renamed.
type Held struct {
	// Locked is false where the file system has no locks: then another process may write as well.
	Locked bool

	disk          Disk
	dir           string
	lock          File
	dirIs, lockIs fs.FileInfo
}

// Hold locks a directory, which must exist, by a file of the name LockName. It fails with ErrLocked if another process holds it.
// The file stays when the lock is given back.
func Hold(d Disk, dir string) (*Held, error) {
	lock, err := Append(d, filepath.Join(dir, LockName))
	if err != nil {
		return nil, err
	}
	h := &Held{disk: d, dir: dir, lock: lock}
	err = lockAgain(func() error { return Lock(lock) }, func() { time.Sleep(moment) })
	h.Locked = err == nil
	if errors.Is(err, ErrNoLocks) {
		err = nil
	}
	if err == nil {
		err = h.remember()
	}
	if err != nil {
		lock.Close()
		return nil, err
	}
	return h, nil
}

// attempts and moment are how often, and how long after a failure, Hold tries to lock: InUse has a lock for less than a moment.
const (
	attempts = 5
	moment   = 10 * time.Millisecond
)

// lockAgain locks, and tries again after a pause while another process has the lock.
func lockAgain(lock func() error, pause func()) error {
	err := lock()
	for range attempts - 1 {
		if !errors.Is(err, ErrLocked) {
			return err
		}
		pause()
		err = lock()
	}
	return err
}

// remember notes which directory and which lock these are. Somebody may have removed the lock before it was ours.
func (h *Held) remember() (err error) {
	if h.dirIs, err = os.Stat(h.dir); err != nil {
		return err
	}
	if h.lockIs, err = h.lock.Stat(); err != nil {
		return err
	}
	return h.Check()
}

// Check returns ErrMoved if the directory or its lock is another one than at Hold, or gone.
func (h *Held) Check() error {
	dir, err := os.Stat(h.dir)
	if err != nil || !os.SameFile(dir, h.dirIs) {
		return fmt.Errorf("%s: %w", h.dir, ErrMoved)
	}
	path := filepath.Join(h.dir, LockName)
	lock, err := os.Lstat(path)
	if err != nil || !os.SameFile(lock, h.lockIs) {
		return fmt.Errorf("%s: %w", path, ErrMoved)
	}
	return nil
}

// Close gives the lock back.
func (h *Held) Close() error { return h.lock.Close() }

// OpenFile opens a file.
func (h *Held) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	if err := h.Check(); err != nil {
		return nil, err
	}
	return h.disk.OpenFile(name, flag, perm)
}

// Mkdir makes a directory.
func (h *Held) Mkdir(name string, perm fs.FileMode) error {
	return h.change(func() error { return h.disk.Mkdir(name, perm) })
}

// Rename renames.
func (h *Held) Rename(from, to string) error {
	return h.change(func() error { return h.disk.Rename(from, to) })
}

// Remove removes a file or an empty directory.
func (h *Held) Remove(name string) error {
	return h.change(func() error { return h.disk.Remove(name) })
}

// SyncDir waits until the entries of a directory are on the disk.
func (h *Held) SyncDir(name string) error { return h.disk.SyncDir(name) }

func (h *Held) change(make func() error) error {
	if err := h.Check(); err != nil {
		return err
	}
	return make()
}
