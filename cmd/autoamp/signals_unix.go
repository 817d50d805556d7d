//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// interrupts are the signals that mean: save and exit with status 130. Slurm sends SIGUSR1
// ahead of the end of a job's time when sbatch was given --signal=USR1@120. A terminal that
// closes sends SIGHUP, unless nohup made the process ignore it.
func interrupts() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGUSR1}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// ignoreHangup is called after a first interrupt. A shell that ends sends SIGHUP to jobs that already had one from the
// terminal. The second SIGHUP must not end the run before it has saved.
func ignoreHangup() { signal.Ignore(syscall.SIGHUP) }

// keepPipes turns SIGPIPE, which ends a process that writes to a pipe without reader, into an error of that write: training
// goes on if no process reads its progress. SIGPIPE is not ignored, because Python processes would inherit that.
func keepPipes() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

// interruptProcess asks a process to save and end.
func interruptProcess(pid int) error { return syscall.Kill(pid, syscall.SIGTERM) }
