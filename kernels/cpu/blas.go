//go:build ((linux && !android) || darwin) && !static

package cpu

import (
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"

	"autoamp/kernels"
)

// blas is a library opened at run time.
type blas struct {
	sgemm        uintptr // Fortran sgemm_, every argument by reference
	setThreading uintptr // Accelerate's BLASSetThreading, which is for the calling thread alone; 0 where there is none
	version      string
}

// gemmCall is one worker's caller of sgemm_. Fortran takes every argument by reference. The
// arguments live in this block, which is allocated once and does not move, so that a call allocates
// nothing. Goroutines must not share a gemmCall.
type gemmCall struct {
	*blas
	argv           [13]uintptr // addresses of the arguments, in the order of sgemm_
	single         [1]uintptr  // BLAS_THREADING_SINGLE_THREADED, the argument of BLASSetThreading
	transA, transB byte
	m, n, k        int32
	lda, ldb, ldc  int32
	alpha, beta    float32
	// The operands of the call in progress. A gemmCall is on the heap, and so the operands do not
	// move with a stack and stay alive while C reads them through argv.
	a, b, c *float32
}

func (b *blas) newGemmer() gemmer {
	g := &gemmCall{blas: b, single: [1]uintptr{1}}
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
	g.call()
	runtime.KeepAlive(g)
	g.a, g.b, g.c = nil, nil, nil
}

// call calls sgemm_, on one thread.
func (g *gemmCall) call() {
	if g.setThreading != 0 {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		purego.SyscallN(g.setThreading, g.single[:]...)
	}
	purego.SyscallN(g.sgemm, g.argv[:]...)
}

func blasTrans(t bool) byte {
	if t {
		return 'T'
	}
	return 'N'
}
