package cpu

// memory is one block for the buffers of a runner. Buffers are taken from the block one after the
// other, each at the beginning of a cache line.
//
// On Unix the block lies outside the garbage collector's heap. Inside the heap, a model of
// 1 GiB would let the heap grow to 2 GiB before the next collection.
type memory struct {
	block []float32
	left  []float32
	unmap func() error
}

// line is the number of float32 in a cache line.
const line = 16

func padded(floats int) int { return (floats + line - 1) / line * line }

// take cuts off the next floats.
func (m *memory) take(floats int) []float32 {
	out := m.left[:floats:floats]
	m.left = m.left[padded(floats):]
	return out
}

// free gives the block back. Slices of it must not be used afterwards.
func (m *memory) free() error {
	unmap := m.unmap
	*m = memory{}
	if unmap == nil {
		return nil
	}
	return unmap()
}
