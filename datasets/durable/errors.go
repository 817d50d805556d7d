package durable

import (
	"errors"
	"syscall"
)

var (
	// ErrLocked says that another process holds a lock.
	ErrLocked = errors.New("another process is writing into it")
	// ErrNoLocks says that a file system has no locks.
	ErrNoLocks = errors.New("the file system has no locks")
	// ErrMoved says that a directory, or its lock, is no longer the one that a process began with.
	ErrMoved = errors.New("removed, renamed or replaced while this process was writing into it")
)

// Exhausted reports whether an error is the machine's: a full disk, a quota, a failing device, no memory or file handles left.
// A caller cannot mend that by asking for something else.
func Exhausted(err error) bool {
	for _, errno := range []syscall.Errno{
		syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.EFBIG, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE,
	} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
