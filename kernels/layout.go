package kernels

import "unsafe"

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
	_ = -(unsafe.Offsetof(adamConst{}.epsilon) ^ 28)
	_ = -(unsafe.Offsetof(rmspropConst{}.epsilon) ^ 16)
)
