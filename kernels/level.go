package kernels

import (
	"math"
	"strconv"

	"golang.org/x/sys/cpu"
)

// Level is the vector instruction set that a kernel uses. Levels are ordered: a processor that
// supports one supports every level below it.
type Level uint8

const (
	// Scalar is plain Go, for every processor.
	Scalar Level = iota
	// AVX2 is 8 float32 lanes: AVX2, FMA and POPCNT.
	AVX2
	// AVX512 is 16 float32 lanes: AVX-512 F, BW, DQ and VL, and BMI2.
	AVX512
)

// String returns the level's name: "scalar", "avx2" or "avx512".
func (l Level) String() string {
	switch l {
	case Scalar:
		return "scalar"
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	}
	return "Level(" + strconv.Itoa(int(l)) + ")"
}

// BestLevel returns the highest level that this processor and its operating system support.
// It is Scalar on every architecture but amd64.
func BestLevel() Level {
	x := &cpu.X86
	switch avx2 := x.HasAVX2 && x.HasFMA && x.HasPOPCNT; {
	case avx2 && x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasBMI2:
		return AVX512
	case avx2:
		return AVX2
	}
	return Scalar
}

// best is the level that the exported functions run at. It never changes.
var best = BestLevel()

// fma returns a·b + c with one rounding to float64 and one to float32: the product is exact. The
// result differs from the fused multiply-add of the vector units by a double rounding, once in about
// 2²⁹ calls.
func fma(a, b, c float32) float32 {
	return float32(float64(a)*float64(b) + float64(c))
}

func abs32(x float32) float32 {
	return math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
}

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// min32 returns the smaller of limit and x, and x where x is NaN, like the vector minimum.
func min32(limit, x float32) float32 {
	if limit < x {
		return limit
	}
	return x
}

func max32(limit, x float32) float32 {
	if limit > x {
		return limit
	}
	return x
}

// sameLength panics unless two slices of one call have equal lengths.
func sameLength(n, m int) {
	if n != m {
		panic("kernels: slices of different length")
	}
}
