package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Temporary begins the names of files and directories that are not whole yet.
const Temporary = ".tmp-"

// WriteFile writes a file so that it is there whole or not at all, also where the disk is full or the power fails. Its folder
// must exist. Two processes may write the same file: the last one wins. Until the file is whole its name begins with
// Temporary; an earlier process's temporary files of this name are removed.
func WriteFile(d Disk, path string, write func(io.Writer) error) error {
	dir, base := filepath.Split(path)
	dir = filepath.Clean(dir)
	sweep(d, dir, Temporary+base+"-")
	f, err := create(d, dir, base)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = d.Rename(f.Name(), path)
	}
	if err != nil {
		d.Remove(f.Name())
		return err
	}
	return d.SyncDir(dir)
}

// WriteBytes is WriteFile of bytes at hand.
func WriteBytes(d Disk, path string, data []byte) error {
	return WriteFile(d, path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// create opens a new temporary file and locks it, so that no sweep takes it away.
func create(d Disk, dir, base string) (File, error) {
	for {
		name := filepath.Join(dir, fmt.Sprintf("%s%s-%08x", Temporary, base, rand.Uint32()))
		f, err := d.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		locked := Lock(f)
		if _, err := os.Lstat(name); err == nil && !errors.Is(locked, ErrLocked) {
			return f, nil
		}
		f.Close() // a sweep came between
	}
}

// Sweep removes the temporary files and directories that an earlier process left in a directory, whose lock the caller holds.
// Files that cannot be removed stay, and so do files that a process still writes.
func Sweep(d Disk, dir string) { sweep(d, dir, Temporary) }

func sweep(d Disk, dir, prefix string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), prefix) && (e.IsDir() || abandoned(path)) {
			_ = RemoveAll(d, path)
		}
	}
}

// abandoned reports whether no process writes a temporary file: its writer would hold its lock.
func abandoned(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return Lock(f) == nil
}

// MkdirAll makes a directory and its parents, as os.MkdirAll does, and waits until they are on the disk.
func MkdirAll(d Disk, path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return &fs.PathError{Op: "mkdir", Path: path, Err: errors.New("not a directory")}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	parent := filepath.Dir(path)
	if err := MkdirAll(d, parent); err != nil {
		return err
	}
	if err := d.Mkdir(path, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return d.SyncDir(parent)
}

// RemoveAll removes a file or a directory with all that is in it. It is no error if there is none.
func RemoveAll(d Disk, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		entries, err := os.ReadDir(path)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := RemoveAll(d, filepath.Join(path, e.Name())); err != nil {
				return err
			}
		}
	}
	return d.Remove(path)
}

// Append opens a file to write at its end, and makes it if there is none. A link or a directory is refused: the file behind a link is
// somebody else's.
func Append(d Disk, path string) (File, error) {
	info, err := os.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: must be a regular file, and is %v", path, info.Mode().Type())
	}
	return d.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
}
