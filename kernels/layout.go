//go:build amd64 || arm64

package kernels

import "unsafe"

// The generators in asm/gemm and asm/neon know these offsets.
var (
	_ = [1]struct{}{}[unsafe.Offsetof(panel{}.stepA)-8]
	_ = [1]struct{}{}[unsafe.Offsetof(panel{}.b)-16]
	_ = [1]struct{}{}[unsafe.Offsetof(panel{}.stepB)-24]
	_ = [1]struct{}{}[unsafe.Offsetof(panel{}.nextB)-32]
	_ = [1]struct{}{}[unsafe.Offsetof(panel{}.c)-40]
	_ = [1]struct{}{}[unsafe.Offsetof(panel{}.stepC)-48]
	_ = [1]struct{}{}[unsafe.Offsetof(panel{}.rows)-56]
	_ = [1]struct{}{}[unsafe.Offsetof(panel{}.cols)-64]
	_ = [1]struct{}{}[unsafe.Offsetof(panel{}.depth)-72]
	_ = [1]struct{}{}[unsafe.Offsetof(panel{}.byRows)-80]
	_ = [1]struct{}{}[unsafe.Offsetof(panel{}.add)-88]
	_ = [1]struct{}{}[unsafe.Offsetof(panel{}.alpha)-96]
	_ = [1]struct{}{}[unsafe.Offsetof(panel64{}.rows)-56]
	_ = [1]struct{}{}[unsafe.Offsetof(panel64{}.alpha)-96]
)

// The generators in asm/signgemm and asm/neon know these sizes and offsets.
var (
	_ = [1]struct{}{}[signGroup-5]
	_ = [1]struct{}{}[signLanes-16]
	_ = [1]struct{}{}[signPass-12]
	_ = [1]struct{}{}[signBlock-64]
	_ = [1]struct{}{}[signWord-6]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.tables)-24]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.in)-48]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.out)-72]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.stepIn)-96]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.stepOut)-104]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.rows)-112]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.pass)-120]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.groups)-128]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.width)-136]
)

// The generator in asm/sparsegemm knows these offsets.
var (
	_ = [1]struct{}{}[unsafe.Offsetof(sparsePanel{}.counts)-16]
	_ = [1]struct{}{}[unsafe.Offsetof(sparsePanel{}.tile)-24]
	_ = [1]struct{}{}[unsafe.Offsetof(sparsePanel{}.in)-32]
	_ = [1]struct{}{}[unsafe.Offsetof(sparsePanel{}.out)-48]
	_ = [1]struct{}{}[unsafe.Offsetof(sparsePanel{}.stepIn)-56]
	_ = [1]struct{}{}[unsafe.Offsetof(sparsePanel{}.stepOut)-72]
	_ = [1]struct{}{}[unsafe.Offsetof(sparsePanel{}.rows)-80]
	_ = [1]struct{}{}[unsafe.Offsetof(sparsePanel{}.vectors)-88]
)

// The vector kernels read these structs at fixed offsets; a field that moves stops compilation here.
const (
	_ = -(unsafe.Offsetof(sampler{}.start) ^ 80)
	_ = -(unsafe.Offsetof(sampler{}.limit) ^ 96)
	_ = -(unsafe.Offsetof(sampler{}.scale) ^ 100)
	_ = -(unsafe.Offsetof(sampler{}.mean) ^ 104)
	_ = -(unsafe.Offsetof(signGrad{}.scale) ^ 12)
	_ = -(unsafe.Offsetof(denoiser{}.slope) ^ 16)
	_ = -(unsafe.Offsetof(denoiser{}.ca) ^ 32)
	_ = -(unsafe.Offsetof(denoiser{}.step) ^ 36)
	_ = -(unsafe.Offsetof(denoiser{}.hi) ^ 44)
	_ = -(unsafe.Offsetof(denoiser{}.scale) ^ 52)
	_ = -(unsafe.Offsetof(spline{}.last) ^ 16)
	_ = -(unsafe.Offsetof(spline{}.slope) ^ 24)
	_ = -(unsafe.Offsetof(spline{}.squares) ^ 32)
	_ = -(unsafe.Offsetof(spline{}.cells) ^ 96)
	_ = -(unsafe.Offsetof(spline{}.sums) ^ 2144)
	_ = -(unsafe.Sizeof(cellSums{}) ^ 64)
	_ = -(unsafe.Offsetof(adamConst{}.epsilon) ^ 28)
	_ = -(unsafe.Offsetof(rmspropConst{}.epsilon) ^ 16)
)
