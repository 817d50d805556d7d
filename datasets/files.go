package datasets

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// temporary begins the names of files that are not whole yet.
const temporary = ".tmp-"

// WriteFile writes a file, and the folder it lies in, so that the file is there whole or not at all, also where the disk is
// full or the power fails. Two processes may write the same file. Until it is whole its name begins with ".tmp-".
func WriteFile(path string, write func(io.Writer) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), temporary+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = errors.Join(f.Chmod(0o644), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	return SyncDirectory(filepath.Dir(path))
}

// SyncDirectory waits until a rename in a directory is on the disk.
func SyncDirectory(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
