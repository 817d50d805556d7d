//go:build !unix

package main

import "os"

// interrupts are the signals that mean: save and exit with status 130.
func interrupts() []os.Signal { return []os.Signal{os.Interrupt} }

// ignoreHangup and keepPipes concern signals of Unix.
func ignoreHangup() {}
func keepPipes()    {}
