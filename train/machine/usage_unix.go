//go:build unix

package machine

import (
	"syscall"
	"time"
)

// CPUTime is the time that this process has spent computing on all cores, outside the kernel: unlike the time on the wall
// it does not grow when others share the machine. It is 0 where it is not known.
func CPUTime() time.Duration {
	usage, known := usage()
	if !known {
		return 0
	}
	return time.Duration(usage.Utime.Nano())
}

// PageFaults is the number of page faults of this process until now that needed no disk.
func PageFaults() (n int64, known bool) {
	usage, known := usage()
	return int64(usage.Minflt), known
}

func usage() (u syscall.Rusage, known bool) {
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u, err == nil
}
