//go:build !unix

package reproduce

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }
