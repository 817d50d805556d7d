//go:build !unix

package main

import "os"

// interrupts are the signals that mean: save and exit with status 130.
func interrupts() []os.Signal { return []os.Signal{os.Interrupt} }

// ignoreHangup and keepPipes concern signals of Unix.
func ignoreHangup() {}
func keepPipes()    {}

// interruptProcess ends a process: there is no signal to save first.
func interruptProcess(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return p.Kill()
}
