//go:build (linux && !android) || darwin

package symmetric

import (
	"runtime"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// openBLASNames are the files tried in order, as in package cpu.
func openBLASNames() []string {
	if runtime.GOOS == "darwin" {
		return []string{
			"libopenblas.dylib",
			"libopenblas.0.dylib",
			"/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
			"/usr/local/opt/openblas/lib/libopenblas.dylib",
		}
	}
	return []string{"libopenblas.so.0", "libopenblas.so", "libopenblasp.so.0"}
}

// openBLAS holds the Fortran routines that are called, every argument by reference.
type openBLAS struct {
	dsyrk, dsyevd          uintptr
	setThreads, getThreads uintptr
}

// openOpenBLAS returns nil where there is no OpenBLAS with LAPACK and 32-bit integers.
func openOpenBLAS() *openBLAS {
	for _, name := range openBLASNames() {
		lib, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL)
		if err != nil {
			continue
		}
		if b := bindOpenBLAS(lib); b != nil {
			return b
		}
	}
	return nil
}

func bindOpenBLAS(lib uintptr) *openBLAS {
	b := &openBLAS{}
	var configuration uintptr
	for name, at := range map[string]*uintptr{
		"dsyrk_": &b.dsyrk, "dsyevd_": &b.dsyevd, "openblas_get_config": &configuration,
		"openblas_set_num_threads": &b.setThreads, "openblas_get_num_threads": &b.getThreads,
	} {
		symbol, err := purego.Dlsym(lib, name)
		if err != nil {
			return nil
		}
		*at = symbol
	}
	var config func() string
	purego.RegisterFunc(&config, configuration)
	if strings.Contains(config(), "USE64BITINT") {
		return nil // the same names, other integers
	}
	return b
}

// onAllCores runs f with one thread per processor that Go uses, and then with as many as before.
func (b *openBLAS) onAllCores(f func()) {
	before, _, _ := purego.SyscallN(b.getThreads)
	purego.SyscallN(b.setThreads, uintptr(runtime.GOMAXPROCS(0)))
	f()
	purego.SyscallN(b.setThreads, before)
}

// syrk adds XᵀX to the upper triangle of c. Read column by column, X is Xᵀ, and the lower triangle is the upper one.
func (b *openBLAS) syrk(c, x []float64, rows, d int) {
	var p pins
	defer p.Unpin()
	lower, plain := p.byte('L'), p.byte('N')
	width, one := p.int(d), pin(&p, &[]float64{1}[0])
	b.onAllCores(func() {
		purego.SyscallN(b.dsyrk, lower, plain, width, p.int(rows), one, pin(&p, &x[0]), width, one, pin(&p, &c[0]), width)
	})
}

// syevd decomposes c by divide and conquer, and reports whether it converged.
func (b *openBLAS) syevd(c, values []float64, d int, vectors bool) bool {
	var p pins
	defer p.Unpin()
	job, lower, width := p.byte('N'), p.byte('L'), p.int(d)
	if vectors {
		job = p.byte('V')
	}
	status := make([]int32, 1)
	call := func(work []float64, size int, integers []int32, integerSize int) {
		purego.SyscallN(b.dsyevd, job, lower, width, pin(&p, &c[0]), width, pin(&p, &values[0]),
			pin(&p, &work[0]), p.int(size), pin(&p, &integers[0]), p.int(integerSize), pin(&p, &status[0]))
	}
	work, integers := make([]float64, 1), make([]int32, 1)
	call(work, -1, integers, -1) // asks for the sizes
	work, integers = make([]float64, int(work[0])), make([]int32, integers[0])
	b.onAllCores(func() { call(work, len(work), integers, len(integers)) })
	return status[0] == 0
}

// pins are the arguments of a call to Fortran, which takes their addresses: on the heap and alive until Unpin.
type pins struct{ runtime.Pinner }

func (p *pins) byte(v byte) uintptr { return pin(p, &v) }

func (p *pins) int(v int) uintptr {
	narrow := int32(v)
	return pin(p, &narrow)
}

func pin[T any](p *pins, at *T) uintptr {
	p.Pin(at)
	return uintptr(unsafe.Pointer(at))
}
