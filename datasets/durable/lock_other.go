//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package durable

// Lock returns ErrNoLocks: there is no flock.
func Lock(interface{ Fd() uintptr }) error { return ErrNoLocks }

func lockShared(f interface{ Fd() uintptr }) error { return Lock(f) }
