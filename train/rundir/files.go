package rundir

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"autoamp/datasets/durable"
)

// writeSynced creates a file, writes it and waits until its content is on the disk. It returns the checksum of the content.
func writeSynced(d durable.Disk, path string, write func(io.Writer) error) (durable.Checksum, error) {
	var sum durable.Checksum
	f, err := d.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return sum, err
	}
	err = write(io.MultiWriter(f, &sum))
	if err == nil {
		err = f.Sync()
	}
	return sum, errors.Join(err, f.Close())
}

// Exists reports whether there is a file or folder at path. It also reports true if looking at the path fails.
func Exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
