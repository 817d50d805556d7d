//go:build !((linux && !android) || darwin) || static

package symmetric

// openBLAS is never opened by this build.
type openBLAS struct{}

func openOpenBLAS() *openBLAS { return nil }

func (*openBLAS) syrk(c, x []float64, rows, d int) {
	panic("symmetric: no OpenBLAS in this build")
}

func (*openBLAS) syevd(c, values []float64, d int, vectors bool) bool {
	panic("symmetric: no OpenBLAS in this build")
}
