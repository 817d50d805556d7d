//go:build gpu

package cuda

import (
	"fmt"
	"sync"

	"gorgonia.org/cu"
)

// contexts holds the primary context of every device that the process has opened, until the process ends. Giving the last
// reference back would reset the context. cuBLAS stays loaded and keeps state in the context, so a second Open would use what
// is gone. Other libraries of the process, such as a profiler, share the context too.
var contexts struct {
	sync.Mutex
	of map[cu.Device]cu.CUContext
}

// primaryContext is the primary context of a device.
func primaryContext(d cu.Device) (cu.CUContext, error) {
	contexts.Lock()
	defer contexts.Unlock()
	if c, held := contexts.of[d]; held {
		return c, nil
	}
	c, err := d.RetainPrimaryCtx()
	if err != nil {
		return c, checkCu(err, fmt.Sprintf("open a context on device %d", d))
	}
	if contexts.of == nil {
		contexts.of = map[cu.Device]cu.CUContext{}
	}
	contexts.of[d] = c
	return c, nil
}
