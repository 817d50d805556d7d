//go:build !((linux && !android) || darwin) || static

package openblas

// Built says that this build opens OpenBLAS: it is for linux or macOS, and not made with -tags static.
const Built = false
