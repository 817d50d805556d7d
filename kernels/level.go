package kernels

import (
	"math"
	"runtime"
	"slices"
	"strconv"

	"golang.org/x/sys/cpu"
)

// Level is the vector instruction set that a kernel uses. Levels lists those of a processor.
type Level uint8

const (
	// Scalar is plain Go, for every processor.
	Scalar Level = iota
	// NEON is 4 float32 lanes: every arm64 processor.
	NEON
	// AVX2 is 8 float32 lanes: AVX2, FMA and POPCNT.
	AVX2
	// AVX512 is 16 float32 lanes: AVX-512 F, BW, DQ and VL, and BMI2.
	AVX512
)

// String returns the level's name: "scalar", "neon", "avx2" or "avx512".
func (l Level) String() string {
	switch l {
	case Scalar:
		return "scalar"
	case NEON:
		return "neon"
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	}
	return "Level(" + strconv.Itoa(int(l)) + ")"
}

// Levels returns the levels that this processor and its operating system support, the best one last. The first is Scalar.
func Levels() []Level {
	if runtime.GOARCH == "arm64" {
		return []Level{Scalar, NEON}
	}
	x := &cpu.X86
	switch avx2 := x.HasAVX2 && x.HasFMA && x.HasPOPCNT; {
	case avx2 && x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasBMI2:
		return []Level{Scalar, AVX2, AVX512}
	case avx2:
		return []Level{Scalar, AVX2}
	}
	return []Level{Scalar}
}

// BestLevel returns the best of Levels.
func BestLevel() Level {
	list := Levels()
	return list[len(list)-1]
}

// best is the level that the exported functions run at. It never changes.
var best = BestLevel()

// orBest returns the level if this processor supports it, and else the best one.
func orBest(level Level) Level {
	if slices.Contains(Levels(), level) {
		return level
	}
	return best
}

// sumRun is the number of elements that a vector kernel sums in float32: n, or half of it in vectors of four, so that as many terms
// meet in a lane.
func (l Level) sumRun(n int) int {
	if l == NEON {
		return n / 2
	}
	return n
}

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
