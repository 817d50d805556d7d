// Package vector is the assembly of package kernels, and the functions that choose between its levels. The generators
// in kernels/asm write all of it, except this comment and the choice of the float64 product. Package kernels documents the functions.
//
// A pointer is to the first element of a slice, and the slice's length is passed with it. The functions check nothing.
package vector

//go:generate go -C ../../asm run ./elementwise -pkg vector -out ../internal/vector/elementwise_amd64.s -stubs ../internal/vector/elementwise_amd64.go -ladders ../internal/vector
//go:generate go -C ../../asm run ./gemm -pkg vector -out ../internal/vector/gemm_amd64.s -stubs ../internal/vector/gemm_amd64.go -ladders ../internal/vector
//go:generate go -C ../../asm run ./signgemm -pkg vector -out ../internal/vector/sign_gemm_amd64.s -stubs ../internal/vector/sign_gemm_amd64.go -ladders ../internal/vector
//go:generate go -C ../../asm run ./sparsegemm -pkg vector -out ../internal/vector/sparse_gemm_amd64.s -stubs ../internal/vector/sparse_gemm_amd64.go -ladders ../internal/vector
//go:generate go -C ../../asm run ./neon -out ../internal/vector
