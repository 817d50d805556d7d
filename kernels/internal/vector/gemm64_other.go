//go:build !amd64

package vector

// Panel64 is for amd64.
func Panel64(p *byte) { panic("vector: no assembly for this processor") }
