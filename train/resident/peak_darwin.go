package resident

import "syscall"

// Peak is the largest resident set of this process so far, in bytes; 0 where the system does not tell.
func Peak() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return usage.Maxrss
}
