//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package mapping

import (
	"io"
	"os"
)

// File reads the first size bytes of a file: here nothing is mapped.
func File(f *os.File, size int64) (data []byte, unmap func() error, err error) {
	data, err = io.ReadAll(io.NewSectionReader(f, 0, size))
	return data, nil, err
}
