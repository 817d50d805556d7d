//go:build !darwin || static

package cpu

import "errors"

var errNoAccelerate = errors.New("cpu: product = accelerate: Accelerate is Apple's: it is opened on macOS, and not by a static build; set product to auto or simd")

func openAccelerate() (*blas, error) { return nil, errNoAccelerate }
