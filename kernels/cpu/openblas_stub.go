//go:build !((linux && !android) || darwin) || static

package cpu

import "errors"

// errNoOpenBLAS says where there is a build that opens OpenBLAS.
var errNoOpenBLAS = errors.New("cpu: product = openblas: this build opens no library " +
	"(that of make build does, on linux and macOS); set product to auto or simd")

// blas is never opened by this build.
type blas struct{ version string }

func openOpenBLAS() (*blas, error) { return nil, errNoOpenBLAS }

func (*blas) newGemmer() gemmer { panic("cpu: no BLAS in this build") }
