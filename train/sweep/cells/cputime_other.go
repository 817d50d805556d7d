//go:build !unix

package cells

import "time"

// CPUTime is not known here.
func CPUTime() time.Duration { return 0 }
