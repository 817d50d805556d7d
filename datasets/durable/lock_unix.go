//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package durable

import (
	"errors"
	"syscall"
)

// Lock takes the exclusive lock of an open file, or fails at once: with ErrLocked if another process has it, with ErrNoLocks
// where the file system has no locks. The kernel gives the lock back when the file is closed or the process ends, however it
// ends.
func Lock(f interface{ Fd() uintptr }) error { return flock(f, syscall.LOCK_EX) }

// lockShared is Lock of the shared lock, which excludes the exclusive one only.
func lockShared(f interface{ Fd() uintptr }) error { return flock(f, syscall.LOCK_SH) }

func flock(f interface{ Fd() uintptr }, how int) error {
	err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return ErrLocked
	case errors.Is(err, syscall.ENOLCK), errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSYS):
		return ErrNoLocks
	}
	return err
}
