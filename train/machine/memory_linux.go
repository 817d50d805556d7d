package machine

import (
	"fmt"
	"os"
	"strings"
)

// PeakBytes is the most memory that this process has held at one time, in bytes; 0 where the system does not tell. Memory of a GPU is not in it.
//
// It is VmHWM, which begins at 0 with a new program. The same number of getrusage begins at that of the program's parent.
func PeakBytes() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return 0
}
