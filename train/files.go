package train

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"autoamp/datasets"
)

// temporary begins the names of files and directories that are not whole yet.
const temporary = ".tmp-"

// writeSynced creates a file, writes it and waits until it is on the disk.
func writeSynced(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// rename moves a synced file or directory to its final name, which the disk then knows.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return datasets.SyncDirectory(filepath.Dir(to))
}

// writeBytes is datasets.WriteFile of bytes at hand.
func writeBytes(path string, data []byte) error {
	return datasets.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// readSmall reads a file that should be small, and refuses one that is not.
func readSmall(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s: more than %d bytes", path, limit)
	}
	return data, err
}

// exists reports whether there is something at path; what cannot be looked at is there.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
