//go:build unix

package terminal

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// listen redraws the frame when the size of the terminal changes, and when a process that was stopped goes on; Ctrl-Z takes the frame away
// before it stops the process. It listens until the process ends: package signal would not give Ctrl-Z its old meaning back.
func (s *Screen) listen() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGWINCH, syscall.SIGCONT)
	if !signal.Ignored(syscall.SIGTSTP) {
		signal.Notify(signals, syscall.SIGTSTP)
	}
	go func() {
		for received := range signals {
			if received == syscall.SIGTSTP {
				s.suspend(stopProcess)
			} else {
				s.redraw()
			}
		}
	}()
}

// stopProcess stops the process until it is told to go on. Where no shell with jobs leads the session nobody would tell it so, and it does
// not stop, as a process that does not catch Ctrl-Z.
func stopProcess() {
	leader, err := unix.Getsid(0)
	if err != nil {
		return
	}
	if group, err := unix.Getpgid(leader); err != nil || group == unix.Getpgrp() {
		return
	}
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGSTOP) // to oneself it cannot fail
	time.Sleep(often)                                   // another thread may get it, a moment later
}

// foreground reports whether the process is in the foreground of a terminal.
func foreground(fd int) bool {
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp()
}
