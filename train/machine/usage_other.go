//go:build !unix

package machine

import "time"

// CPUTime is not known on this system: 0.
func CPUTime() time.Duration { return 0 }

// PageFaults is not known on this system.
func PageFaults() (n int64, known bool) { return 0, false }
