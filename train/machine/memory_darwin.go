package machine

import "syscall"

// PeakBytes is the most memory that this process has held at one time, in bytes; 0 where the system does not tell.
func PeakBytes() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return usage.Maxrss
}
