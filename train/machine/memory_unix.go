//go:build unix

package machine

import (
	"runtime"
	"syscall"
)

// PeakBytes is the most memory that this process has held at one time, in bytes, 0 where it is not known. Memory of a GPU is not in it.
func PeakBytes() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" { // the others count in KiB
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10
}
