//go:build !unix

package bench

// pageFaults is not known on this system.
func pageFaults() (n int64, known bool) { return 0, false }
