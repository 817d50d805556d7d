//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package mapping

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// File maps the first size bytes of a file.
func File(f *os.File, size int64) (data []byte, unmap func() error, err error) {
	if int64(int(size)) != size {
		return nil, nil, fmt.Errorf("more than this machine can address")
	}
	data, err = unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	return data, func() error { return unix.Munmap(data) }, err
}
