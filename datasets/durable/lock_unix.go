//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package durable

import (
	"errors"
	"syscall"
)

// Lock takes the exclusive lock of an open file, or fails at once: with ErrLocked if another process has it, with ErrNoLocks
// where the file system has no locks. The kernel gives the lock back when the file is closed or the process ends, however it
// ends.
func Lock(f interface{ Fd() uintptr }) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return ErrLocked
	case errors.Is(err, syscall.ENOLCK), errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSYS):
		return ErrNoLocks
	}
	return err
}
