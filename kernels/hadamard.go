package kernels

import (
	"math/bits"
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// The Walsh–Hadamard transform of a vector whose length is a power of two, in Hadamard's order and not normalised: H² = n·I.
//
//	x = H·x,   H₁ = 1,   H₂ₙ = (Hₙ Hₙ; Hₙ −Hₙ)
//
// Stage h = 1, 2, 4, … replaces (x[i], x[i+h]) by their sum and their difference, i without bit h. All levels take the stages
// in this order, so that they have the same bits. Every number is a sum of all: one NaN makes all NaN.

// Hadamard transforms x in place. It panics unless the length is a power of two.
func Hadamard(x []float32) { hadamardLevel(best, x) }

// hadamardBlock is the least length that the vector kernels of AVX2 and NEON take: eight vectors of AVX2. AVX-512's is twice as long.
const hadamardBlock = 64

func hadamardLevel(level Level, x []float32) {
	if bits.OnesCount(uint(len(x))) != 1 {
		panic("kernels: a Hadamard transform of a length that is no power of two")
	}
	if level == Scalar || len(x) < hadamardBlock {
		hadamardScalar(x)
		return
	}
	vector.Hadamard(level == AVX512 && len(x) > hadamardBlock, unsafe.SliceData(x), len(x))
}

func hadamardScalar(x []float32) {
	for h := 1; h < len(x); h *= 2 {
		for i := 0; i < len(x); i += 2 * h {
			low, high := x[i:i+h], x[i+h:i+2*h]
			for j, a := range low {
				b := high[j]
				low[j], high[j] = a+b, a-b
			}
		}
	}
}
