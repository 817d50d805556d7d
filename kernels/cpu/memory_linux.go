package cpu

import (
	"bufio"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// availableMemory reads MemAvailable, the memory in bytes that new allocations can have
// without swapping.
func availableMemory() (bytes int64, known bool) {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kib int64
		if n, _ := fmt.Sscanf(lines.Text(), "MemAvailable: %d kB", &kib); n == 1 {
			return kib << 10, true
		}
	}
	return 0, false
}

// adviseHuge asks for large pages: large products read them with fewer address look-ups. A kernel
// without large pages refuses, and the refusal does no harm.
func adviseHuge(pages []byte) { _ = unix.Madvise(pages, unix.MADV_HUGEPAGE) }
