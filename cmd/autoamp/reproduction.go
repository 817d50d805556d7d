package main

import (
	"fmt"

	"autoamp/bench/reproduce"
	"autoamp/train/sweep"
)

// refuseReproduction is the error of a command for runs or sweeps that was given the directory of a reproduction.
func refuseReproduction(dirs ...string) error {
	for _, dir := range dirs {
		if sweep.Is(dir) || !reproduce.IsSuite(dir) {
			continue
		}
		return &usageError{
			err:  fmt.Errorf("%s: holds a reproduction, and no run or sweep", dir),
			hint: fmt.Sprintf("autoamp serve %s shows how far it is; autoamp reproduce continues it, and with --only-plot draws and judges what is there", quote(dir)),
		}
	}
	return nil
}

// openSweep reads the sweep in a directory.
func openSweep(dir string) (*sweep.Sweep, error) {
	if err := refuseReproduction(dir); err != nil {
		return nil, err
	}
	return sweep.Open(dir)
}
