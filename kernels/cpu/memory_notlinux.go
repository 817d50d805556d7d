//go:build !linux

package cpu

// availableMemory is not known here: an allocation that is too large fails by itself.
func availableMemory() (bytes int64, known bool) { return 0, false }

func adviseHuge([]byte) {}
