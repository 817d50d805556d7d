//go:build darwin && !static

package cpu

import (
	"errors"
	"fmt"

	"github.com/ebitengine/purego"
)

// accelerateFile is not on the disk: the loader has it in its cache.
const accelerateFile = "/System/Library/Frameworks/Accelerate.framework/Accelerate"

var errNoAccelerate = errors.New("cpu: product = accelerate: Accelerate does not open; set product to auto or simd")

// openAccelerate opens Apple's library. Before macOS 15 it has no BLASSetThreading, and takes threads of its own unless the environment
// has VECLIB_MAXIMUM_THREADS=1.
func openAccelerate() (*blas, error) {
	handle, err := purego.Dlopen(accelerateFile, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoAccelerate, err)
	}
	sgemm, err := purego.Dlsym(handle, "sgemm_")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoAccelerate, err)
	}
	lib := &blas{sgemm: sgemm, version: "Accelerate"}
	if set, err := purego.Dlsym(handle, "BLASSetThreading"); err == nil {
		lib.setThreading = set
	}
	return lib, nil
}
