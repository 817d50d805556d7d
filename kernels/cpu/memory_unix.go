//go:build unix

package cpu

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// allocate maps zeroed pages from the operating system.
func (m *memory) allocate(floats int) error {
	pages, err := unix.Mmap(-1, 0, max(4*floats, 1), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return fmt.Errorf("map memory: %w", err)
	}
	adviseHuge(pages)
	m.block = unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(pages))), floats)
	m.left = m.block
	m.unmap = func() error { return unix.Munmap(pages) }
	return nil
}
