//go:build !((linux && !android) || darwin) || static

package cpu

import "errors"

// errNoOpenBLAS says where there is a build that opens OpenBLAS.
var errNoOpenBLAS = errors.New("cpu: product = openblas: this build opens no library " +
	"(that of make build does, on linux and macOS); set product to auto or simd")

// openBLAS is never opened by this build.
type openBLAS struct{ version string }

func openOpenBLAS() (*openBLAS, error) { return nil, errNoOpenBLAS }

func (*openBLAS) newGemmer() gemmer { panic("cpu: no OpenBLAS in this build") }
