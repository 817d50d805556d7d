package rundir

import (
	"runtime"
	"time"

	"autoamp/train/machine"
)

// Environment is what a run was finished with. No result depends on it.
type Environment struct {
	Version string          `json:"version"` // of autoamp
	Go      string          `json:"go"`
	Machine machine.Machine `json:"machine"`
	// PeakBytes is the most memory that the process of the last session held, which may have trained other runs too; 0 where it is
	// not known.
	PeakBytes int64     `json:"peak_bytes"`
	Finished  time.Time `json:"finished"`
}

// ThisEnvironment is the environment of this process.
func ThisEnvironment() *Environment {
	return &Environment{
		Version: machine.Version(), Go: runtime.Version(), Machine: machine.This(), PeakBytes: machine.PeakBytes(),
		Finished: time.Now().UTC().Truncate(time.Second),
	}
}
