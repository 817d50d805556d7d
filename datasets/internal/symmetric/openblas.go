//go:build ((linux && !android) || darwin) && !static

package symmetric

import (
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"

	"autoamp/kernels/openblas"
)

// openBLAS calls the Fortran routines, every argument by reference.
type openBLAS struct{ *openblas.Library }

// openOpenBLAS returns nil where there is no OpenBLAS with LAPACK.
func openOpenBLAS() *openBLAS {
	lib, err := openblas.Open("dsyrk_", "dsyevd_")
	if err != nil {
		return nil
	}
	return &openBLAS{lib}
}

// onAllCores runs f with one thread per processor that Go uses, and then with as many as before.
func (b *openBLAS) onAllCores(f func()) {
	before := b.Threads()
	b.SetThreads(runtime.GOMAXPROCS(0))
	f()
	b.SetThreads(before)
}

// syrk adds XᵀX to the upper triangle of c. Read column by column, X is Xᵀ, and the lower triangle is the upper one.
func (b *openBLAS) syrk(c, x []float64, rows, d int) {
	var p pins
	defer p.Unpin()
	lower, plain := p.byte('L'), p.byte('N')
	width, one := p.int(d), pin(&p, &[]float64{1}[0])
	b.onAllCores(func() {
		purego.SyscallN(b.Routine("dsyrk_"), lower, plain, width, p.int(rows), one, pin(&p, &x[0]), width, one, pin(&p, &c[0]), width)
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
		purego.SyscallN(b.Routine("dsyevd_"), job, lower, width, pin(&p, &c[0]), width, pin(&p, &values[0]),
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
