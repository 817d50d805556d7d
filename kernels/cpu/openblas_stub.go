//go:build !((linux && !android) || darwin)

package cpu

// openBLAS is never opened on this operating system.
type openBLAS struct{ version string }

func openOpenBLAS() (*openBLAS, error) { return nil, errNoOpenBLAS }

func (*openBLAS) newGemmer() gemmer { panic("cpu: no OpenBLAS on this operating system") }
