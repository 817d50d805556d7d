package vector

// Panel64 runs on NEON.
func Panel64(p *byte) { panel64NEON(p) }
