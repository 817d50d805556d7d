package kernels

import (
	"math"
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// Codes of one bit, the first in the lowest bit of the first byte.
//
//	pack:    bit i = 1 where the sign bit of x[i] is clear: x[i] > 0, and +0
//	unpack:  x[i] = +1 where bit i is 1, −1 where it is 0
//
// A NaN has the sign of its sign bit. The bits past the last element are 0.

// signBitsRun is the number of elements that the vector kernels take at once; plain Go does the rest.
const signBitsRun = 16

// PackSigns writes the signs of x to the first ⌈len(x)/8⌉ bytes of dst.
func PackSigns(dst []byte, x []float32) { packSignsLevel(best, dst, x) }

// UnpackSigns writes ±1 to x from the bits in src.
func UnpackSigns(x []float32, src []byte) { unpackSignsLevel(best, x, src) }

func packSignsLevel(level Level, dst []byte, x []float32) {
	dst = dst[:(len(x)+7)/8]
	if whole := len(x) &^ (signBitsRun - 1); level != Scalar && whole > 0 {
		vector.PackSigns(level == AVX512, unsafe.SliceData(dst), unsafe.SliceData(x), whole)
		dst, x = dst[whole/8:], x[whole:]
	}
	packSignsScalar(dst, x)
}

func packSignsScalar(dst []byte, x []float32) {
	clear(dst)
	for i, v := range x {
		dst[i/8] |= byte(1&^(math.Float32bits(v)>>31)) << (i % 8)
	}
}

func unpackSignsLevel(level Level, x []float32, src []byte) {
	src = src[:(len(x)+7)/8]
	if whole := len(x) &^ (signBitsRun - 1); level != Scalar && whole > 0 {
		vector.UnpackSigns(level == AVX512, unsafe.SliceData(x), unsafe.SliceData(src), whole)
		x, src = x[whole:], src[whole/8:]
	}
	unpackSignsScalar(x, src)
}

func unpackSignsScalar(x []float32, src []byte) {
	for i := range x {
		x[i] = float32(int(src[i/8]>>(i%8)&1)*2 - 1)
	}
}
