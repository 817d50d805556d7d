//go:build gpu

package fatbin

import _ "embed"

// Code is the kernels of the .cu files for NVIDIA GPUs of compute capability 8.0 and 9.0, and PTX for newer ones. make
// kernels compiles it; kernels/include/kernels.cuh describes the calls.
//
//go:embed kernels.fatbin
var Code []byte
