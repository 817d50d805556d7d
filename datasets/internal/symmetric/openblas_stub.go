//go:build !((linux && !android) || darwin)

package symmetric

// openBLAS is never opened on this operating system.
type openBLAS struct{}

func openOpenBLAS() *openBLAS { return nil }

func (*openBLAS) syrk(c, x []float64, rows, d int) {
	panic("symmetric: no OpenBLAS on this operating system")
}

func (*openBLAS) syevd(c, values []float64, d int, vectors bool) bool {
	panic("symmetric: no OpenBLAS on this operating system")
}
