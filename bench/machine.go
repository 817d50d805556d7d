package bench

import (
	"runtime"
	"runtime/debug"

	"autoamp/train/machine"
)

// Machine is where a number was measured.
type Machine = machine.Machine

// ThisMachine is where this process runs.
func ThisMachine() Machine { return machine.This() }

// versions lists the versions of Go and gorgonia in this program.
func versions() map[string]string {
	return map[string]string{"go": runtime.Version(), "gorgonia": gorgoniaVersion()}
}

// gorgoniaVersion is the version of gorgonia in this program.
func gorgoniaVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == "gorgonia.org/gorgonia" {
				return dep.Version
			}
		}
	}
	return "unknown"
}
