//go:build !unix

package main

import "os"

// interrupts are the signals that mean: save and exit with status 130.
var interrupts = []os.Signal{os.Interrupt}
