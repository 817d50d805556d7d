package machine

// PeakBytes is the most memory that this process has held at one time, in bytes; 0 where the system does not tell.
func PeakBytes() int64 {
	usage, known := usage()
	if !known {
		return 0
	}
	return usage.Maxrss
}
