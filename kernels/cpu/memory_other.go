//go:build !unix

package cpu

// allocate uses Go's heap.
func (m *memory) allocate(floats int) error {
	m.block = make([]float32, floats)
	m.left = m.block
	return nil
}
