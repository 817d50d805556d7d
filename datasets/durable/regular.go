package durable

import (
	"errors"
	"io/fs"
	"os"
)

// OpenRegular opens a file, or what a link leads to, for reading. A directory, a named pipe, a socket or a device is an
// error: opening a pipe that nobody writes to would wait for ever. Errors are of type *fs.PathError.
func OpenRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("is " + kindOf(info.Mode()) + ": must be a regular file")}
	}
	return os.Open(path)
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}
