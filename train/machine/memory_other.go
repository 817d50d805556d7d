//go:build !linux && !darwin

package machine

// PeakBytes is not known here.
func PeakBytes() int64 { return 0 }
