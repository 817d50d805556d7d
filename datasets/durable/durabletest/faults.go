package durabletest

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"

	"autoamp/datasets/durable"
)

// ErrKilled is what every call returns after the one at which a process was killed.
var ErrKilled = errors.New("the process is dead")

// Faults is the machine's disk, on which one call fails and nothing waits for the device. It may be used by several goroutines.
type Faults struct {
	// At is the number of the call that fails, from 0; −1 for none.
	At int
	// Err is what that call returns, for example syscall.ENOSPC. A write writes half of its bytes before. With ErrKilled all
	// later calls fail as well, and change nothing.
	Err error

	mu    sync.Mutex
	calls []string
	dead  bool
}

// Calls lists the calls so far, each as its name and the last part of its path.
func (d *Faults) Calls() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string{}, d.calls...)
}

// call counts a call and returns the error with which it fails, nil if it is to be made.
func (d *Faults) call(name, path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return ErrKilled
	}
	d.calls = append(d.calls, fmt.Sprintf("%s %s", name, filepath.Base(path)))
	if len(d.calls)-1 != d.At {
		return nil
	}
	d.dead = errors.Is(d.Err, ErrKilled)
	return &fs.PathError{Op: name, Path: path, Err: d.Err}
}

// OpenFile opens a file whose calls count as well.
func (d *Faults) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	if err := d.call("open", name); err != nil {
		return nil, err
	}
	f, err := durable.OS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return &faultyFile{File: f, disk: d}, nil
}

// Mkdir makes a directory.
func (d *Faults) Mkdir(name string, perm fs.FileMode) error {
	if err := d.call("mkdir", name); err != nil {
		return err
	}
	return durable.OS.Mkdir(name, perm)
}

// Rename renames.
func (d *Faults) Rename(from, to string) error {
	if err := d.call("rename", from); err != nil {
		return err
	}
	return durable.OS.Rename(from, to)
}

// Remove unlinks a file or removes an empty directory.
func (d *Faults) Remove(name string) error {
	if err := d.call("unlink", name); err != nil {
		return err
	}
	return durable.OS.Remove(name)
}

// SyncDir counts.
func (d *Faults) SyncDir(name string) error {
	return d.call("fsync directory", name)
}

type faultyFile struct {
	durable.File
	disk *Faults
}

func (f *faultyFile) Write(p []byte) (int, error) {
	switch err := f.disk.call("write", f.Name()); {
	case err == ErrKilled: // dead already
		return 0, err
	case err != nil:
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f *faultyFile) Sync() error {
	return f.disk.call("fsync", f.Name())
}

func (f *faultyFile) Truncate(size int64) error {
	if err := f.disk.call("truncate", f.Name()); err != nil {
		return err
	}
	return f.File.Truncate(size)
}
