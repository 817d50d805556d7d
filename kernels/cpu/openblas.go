//go:build ((linux && !android) || darwin) && !static

package cpu

import (
	"errors"
	"fmt"

	"autoamp/kernels/openblas"
)

// errNoOpenBLAS names the package to install. It is wrapped together with the loader's error.
var errNoOpenBLAS = errors.New("cpu: product = openblas: no usable OpenBLAS found; " +
	"install it (Debian, Ubuntu: apt install libopenblas0-pthread; Fedora: dnf install openblas; " +
	"macOS: brew install openblas) or set product to auto or simd")

// openOpenBLAS opens OpenBLAS and sets it to one thread. The workers of a Runner call it in parallel, and threads of
// OpenBLAS would compete with the workers.
func openOpenBLAS() (*blas, error) {
	lib, err := openblas.Open("sgemm_")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoOpenBLAS, err)
	}
	lib.SetThreads(1)
	return &blas{sgemm: lib.Routine("sgemm_"), version: lib.Version()}, nil
}
