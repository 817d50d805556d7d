package resident

import (
	"fmt"
	"os"
	"strings"
)

// Peak is the largest resident set of this process so far, in bytes; 0 where the system does not tell.
//
// It is VmHWM, which begins at 0 with a new program. The same number of getrusage begins at that of the program's parent.
func Peak() int64 {
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
