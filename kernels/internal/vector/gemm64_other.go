//go:build !amd64 && !arm64

package vector

// Panel64 is for amd64 and arm64.
func Panel64(p *byte) { panic("vector: no assembly for this processor") }
