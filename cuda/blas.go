//go:build gpu

package cuda

// #include <stdlib.h>
// #include "blas.h"
import "C"

import (
	"fmt"
	"strings"
	"sync"
	"unsafe"

	"gorgonia.org/cu"
)

// library is cuBLAS.
type library struct{ b *C.blas }

// opened is the cuBLAS of the process: it stays loaded until the process ends.
var opened struct {
	sync.Mutex
	blas library
}

// openLibrary opens the newest cuBLAS that works with the driver. A device's context is current. Its error says what was tried.
func openLibrary() (library, error) {
	opened.Lock()
	defer opened.Unlock()
	if opened.blas.b != nil {
		return opened.blas, nil
	}
	var tried []string
	for _, file := range cublasFiles(cu.Version()) {
		l, why := open(file)
		if why == "" {
			opened.blas = l
			return l, nil
		}
		tried = append(tried, why)
	}
	tried = append(tried, tooNew(cu.Version(), exists)...)
	return library{}, &Error{Op: "open cuBLAS", Code: strings.Join(tried, "; "), Hint: cublasHint(cu.Version())}
}

// exists reports whether the loader finds a cuBLAS.
func exists(file string) bool {
	name := C.CString(file)
	defer C.free(unsafe.Pointer(name))
	var message *C.char
	b := C.blasOpen(name, &message)
	if b != nil {
		C.blasClose(b)
	}
	return b != nil
}

// open opens a file, and tries it.
func open(file string) (l library, why string) {
	name := C.CString(file)
	defer C.free(unsafe.Pointer(name))
	var message *C.char
	if l.b = C.blasOpen(name, &message); l.b == nil {
		return l, C.GoString(message)
	}
	if err := checkBlas(C.blasTry(l.b), "try"); err != nil {
		C.blasClose(l.b)
		return library{}, fmt.Sprintf("%s: %v", file, err.(*Error).Code)
	}
	return l, ""
}

func (l library) version() string {
	return fmt.Sprintf("%d.%d.%d", C.blasProperty(l.b, 0), C.blasProperty(l.b, 1), C.blasProperty(l.b, 2))
}

// maxWorkspace is the workspace that cuBLAS wants on Hopper; older devices need less.
const maxWorkspace = 32 << 20

// workspaceBytes is enough for sums over the inner size to be split over many blocks: small models need little.
func workspaceBytes(largestProduct int64) int64 {
	return min(max(64*largestProduct, 1<<20), maxWorkspace)
}

// blasHandle multiplies matrices on one stream.
type blasHandle struct {
	library
	handle unsafe.Pointer
}

// newHandle makes a handle that works on a stream.
func (l library) newHandle(stream cu.Stream) (*blasHandle, error) {
	h := &blasHandle{library: l}
	s := streamOf(stream)
	status := C.blasCreate(l.b, &h.handle, *(*C.CUstream)(unsafe.Pointer(&s)))
	if err := checkBlas(status, "create a cuBLAS handle"); err != nil {
		return nil, err
	}
	return h, nil
}

// setWorkspace gives a handle device memory of the caller. Products without such memory cannot be captured.
func (h *blasHandle) setWorkspace(at uint64, bytes int64) error {
	return checkBlas(C.blasWorkspace(h.b, h.handle, C.CUdeviceptr(at), C.size_t(bytes)), "give cuBLAS its workspace")
}

func (h *blasHandle) destroy() error {
	if h.handle == nil {
		return nil
	}
	err := checkBlas(C.blasDestroy(h.b, h.handle), "destroy a cuBLAS handle")
	h.handle = nil
	return err
}

// element is an element type, numbered as cudaDataType.
type element int

const (
	float32Element  element = 0
	bfloat16Element element = 14
)

// matrix is a row-major matrix of every replica on the device. Rows are ld elements apart, replicas stride elements.
type matrix struct {
	data   uint64
	of     element
	ld     int
	stride int64
}

// Products as cublasComputeType_t numbers them.
const (
	computeFloat32 = 68
	computeTF32    = 77
)

// gemm computes C = op(A)·op(B), or C += op(A)·op(B), for every replica: C is (m, n), and the inner size is k.
//
// This is the one place where row-major meets cuBLAS, which is column-major. Read column by column, a
// row-major C is Cᵀ, and Cᵀ = op(B)ᵀ·op(A)ᵀ. So the two operands change places, and m and n change places.
func (h *blasHandle) gemm(transA, transB bool, m, n, k int, a, b matrix, accumulate bool, c matrix, replicas, compute int) error {
	var beta C.float
	if accumulate {
		beta = 1
	}
	status := C.blasGemm(h.b, h.handle, flag(transB), flag(transA), C.int(n), C.int(m), C.int(k), b.c(), a.c(), beta, c.c(),
		C.int(replicas), C.int(compute))
	return checkBlas(status, fmt.Sprintf("multiply (%d, %d) by (%d, %d)", m, k, k, n))
}

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

func (m matrix) c() C.operand {
	return C.operand{data: C.CUdeviceptr(m.data), _type: C.int(m.of), ld: C.int(m.ld), stride: C.longlong(m.stride)}
}

// statuses are the names of cublasStatus_t.
var statuses = map[C.int]string{
	1: "CUBLAS_STATUS_NOT_INITIALIZED", 3: "CUBLAS_STATUS_ALLOC_FAILED", 7: "CUBLAS_STATUS_INVALID_VALUE", 8: "CUBLAS_STATUS_ARCH_MISMATCH",
	11: "CUBLAS_STATUS_MAPPING_ERROR", 13: "CUBLAS_STATUS_EXECUTION_FAILED", 14: "CUBLAS_STATUS_INTERNAL_ERROR",
	15: "CUBLAS_STATUS_NOT_SUPPORTED", 16: "CUBLAS_STATUS_LICENSE_ERROR",
}

// blasHints maps a failure of cuBLAS to its remedy.
var blasHints = map[C.int]string{
	1:  "this cuBLAS does not work with the driver, or no memory is left; see nvidia-smi, and LD_LIBRARY_PATH for another cuBLAS",
	3:  hints[outOfMemory],
	8:  "this cuBLAS is too old for the device",
	13: lost,
}

func checkBlas(status C.int, op string) error {
	if status == 0 {
		return nil
	}
	code, known := statuses[status]
	if !known {
		code = fmt.Sprintf("cublasStatus_t %d", status)
	}
	return &Error{Op: op, Code: code, Hint: blasHints[status]}
}
