package resident_test

import (
	"runtime"
	"testing"

	"autoamp/train/resident"
)

// TestPeak touches 64 MiB: the peak is at least that, and does not fall when they are free again.
func TestPeak(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("the peak is known on Linux and macOS")
	}
	before := resident.Peak()
	if before <= 0 {
		t.Fatalf("peak of %d bytes", before)
	}
	const size = 64 << 20
	pages := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		pages[i] = 1
	}
	with := resident.Peak()
	runtime.KeepAlive(pages)
	pages = nil
	runtime.GC()
	if after := resident.Peak(); with < size || after < with {
		t.Errorf("peaks of %d, %d and %d bytes before, with and after 64 MiB", before, with, after)
	}
}
