//go:build unix

package cells

import (
	"syscall"
	"time"
)

// CPUTime is the time that this process has spent computing on all cores, outside the kernel: unlike the time on the wall
// it does not grow when others share the machine.
func CPUTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano())
}
