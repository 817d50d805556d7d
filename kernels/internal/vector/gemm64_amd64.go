package vector

// Panel64 runs on AVX2; AVX-512 has no float64 kernel of its own.
func Panel64(p *byte) { panel64AVX2(p) }
