package kernels

import (
	"strconv"

	"golang.org/x/sys/cpu"
)

// Level is the vector instruction set that a kernel uses. Levels are ordered: a processor that
// supports one supports every level below it.
type Level uint8

const (
	// Scalar is plain Go, for every processor.
	Scalar Level = iota
	// AVX2 is 8 float32 lanes: AVX2 and FMA.
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
	switch avx2 := x.HasAVX2 && x.HasFMA; {
	case avx2 && x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasBMI2:
		return AVX512
	case avx2:
		return AVX2
	}
	return Scalar
}
