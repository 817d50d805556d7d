//go:build unix

package main

import (
	"os"
	"syscall"
)

// interrupts are the signals that mean: save and exit with status 130. Slurm sends SIGUSR1
// ahead of the end of a job's time when sbatch was given --signal=USR1@120.
var interrupts = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGUSR1}
