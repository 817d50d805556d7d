// Package vector is the assembly of package kernels, written by the generators in kernels/asm, and the functions that
// choose between its two levels. Nothing in it is written by hand but this comment: see kernels for what the functions do.
//
// Pointers are to the first elements of slices of the lengths that are passed with them; nothing is checked.
package vector

//go:generate go -C ../../asm run ./elementwise -pkg vector -out ../internal/vector/elementwise_amd64.s -stubs ../internal/vector/elementwise_amd64.go -ladders ../internal/vector
//go:generate go -C ../../asm run ./gemm -pkg vector -out ../internal/vector/gemm_amd64.s -stubs ../internal/vector/gemm_amd64.go -ladders ../internal/vector
//go:generate go -C ../../asm run ./signgemm -pkg vector -out ../internal/vector/sign_gemm_amd64.s -stubs ../internal/vector/sign_gemm_amd64.go -ladders ../internal/vector
