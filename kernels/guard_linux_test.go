package kernels

import (
	"syscall"
	"testing"
	"unsafe"
)

// guarded returns n elements that end where the next byte may not be read.
func guarded(t *testing.T, n int) []float32 {
	t.Helper()
	page := syscall.Getpagesize()
	size := (4*n+page-1)/page*page + page
	whole, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(whole) })
	if err := syscall.Mprotect(whole[size-page:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&whole[size-page-4*n])), n)
}

// A vector that reads or writes past the end of a slice ends the test with a fault.
func TestNothingPastTheEnd(t *testing.T) {
	for _, n := range []int{1, 7, 8, 9, 15, 16, 17, 31, 33, 100, 1027} {
		eachLevel(t, func(t *testing.T, level Level) {
			for _, op := range elementwiseOps() {
				s := op.inputs(n)
				for i := range s {
					edge := guarded(t, n)
					copy(edge, s[i])
					s[i] = edge
				}
				op.run(level, s)
			}
			a := guarded(t, n)
			copy(a, values(n, 1))
			dotLevel(level, a, a)
			squaredErrorLevel(level, a, a)
			firstNonFiniteLevel(level, a)
			sampleLevel(level, a, 5, Law{Kind: SparseGaussian, P: 0.5}, testStream)
			inv := guarded(t, n)
			rowNormalizeLevel(level, a, inv, a, n, 1)
			rowNormalizeGradLevel(level, a, a, a, inv, n, 1)
			rowNormalizeGradLevel(level, a, a, a, inv[:1], 1, n)
		})
	}
}
