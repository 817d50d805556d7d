//go:build ((linux && !android) || darwin) && !static

package cpu

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"

	"autoamp/kernels"
	"autoamp/kernels/openblas"
)

// errNoOpenBLAS names the package to install. It is wrapped together with the loader's error.
var errNoOpenBLAS = errors.New("cpu: product = openblas: no usable OpenBLAS found; " +
	"install it (Debian, Ubuntu: apt install libopenblas0-pthread; Fedora: dnf install openblas; " +
	"macOS: brew install openblas) or set product to auto or simd")

// openBLAS is an OpenBLAS library opened at run time, set to one thread.
type openBLAS struct {
	sgemm   uintptr // Fortran sgemm_, every argument by reference
	version string
}

// openOpenBLAS opens OpenBLAS and sets it to one thread. The workers of a Runner call it in parallel, and threads of
// OpenBLAS would compete with the workers.
func openOpenBLAS() (*openBLAS, error) {
	lib, err := openblas.Open("sgemm_")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoOpenBLAS, err)
	}
	lib.SetThreads(1)
	return &openBLAS{sgemm: lib.Routine("sgemm_"), version: lib.Version()}, nil
}

// gemmCall is one worker's caller of sgemm_. Fortran takes every argument by reference. The
// arguments live in this block, which is allocated once and does not move, so that a call allocates
// nothing. Goroutines must not share a gemmCall.
type gemmCall struct {
	sgemm          uintptr
	argv           [13]uintptr // addresses of the arguments, in the order of sgemm_
	transA, transB byte
	m, n, k        int32
	lda, ldb, ldc  int32
	alpha, beta    float32
	// The operands of the call in progress. A gemmCall is on the heap, and so the operands do not
	// move with a stack and stay alive while C reads them through argv.
	a, b, c *float32
}

func (b *openBLAS) newGemmer() gemmer {
	g := &gemmCall{sgemm: b.sgemm}
	for i, p := range []unsafe.Pointer{
		0: unsafe.Pointer(&g.transA), 1: unsafe.Pointer(&g.transB),
		2: unsafe.Pointer(&g.m), 3: unsafe.Pointer(&g.n), 4: unsafe.Pointer(&g.k),
		5: unsafe.Pointer(&g.alpha), 7: unsafe.Pointer(&g.lda), 9: unsafe.Pointer(&g.ldb),
		10: unsafe.Pointer(&g.beta), 12: unsafe.Pointer(&g.ldc),
	} {
		g.argv[i] = uintptr(p) // 6, 8 and 11 are the matrices, of each call
	}
	return g
}

// gemm computes C = α·op(A)·op(B) + β·C, row-major. Read column by column, a row-major C is Cᵀ, and
// Cᵀ = op(B)ᵀ·op(A)ᵀ. So the operands change places, and no other argument changes.
func (g *gemmCall) gemm(p kernels.Product) {
	if p.M == 0 || p.N == 0 {
		return
	}
	g.transA, g.transB = blasTrans(p.B.Trans), blasTrans(p.A.Trans)
	g.m, g.n, g.k = int32(p.N), int32(p.M), int32(p.K)
	g.lda, g.ldb, g.ldc = int32(p.B.Stride), int32(p.A.Stride), int32(p.C.Stride)
	g.alpha, g.beta = p.Alpha, p.Beta
	g.a, g.b, g.c = unsafe.SliceData(p.B.Data), unsafe.SliceData(p.A.Data), unsafe.SliceData(p.C.Data)
	g.argv[6] = uintptr(unsafe.Pointer(g.a))
	g.argv[8] = uintptr(unsafe.Pointer(g.b))
	g.argv[11] = uintptr(unsafe.Pointer(g.c))
	purego.SyscallN(g.sgemm, g.argv[:]...)
	runtime.KeepAlive(g)
	g.a, g.b, g.c = nil, nil, nil
}

func blasTrans(t bool) byte {
	if t {
		return 'T'
	}
	return 'N'
}
