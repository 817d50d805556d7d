package kernels

import "math"

// The hard threshold, and the gradient that a support lets through.
//
//	Threshold:   dst[i] = x[i] if |x[i]| > lambda, else +0     NaN stays NaN
//	SupportGrad: dx[i]  = dy[i] if y[i] ≠ 0, else +0           a NaN in y counts as not zero
//
// Plain Go, like the ReLU.

// Threshold writes x where it exceeds lambda ≥ 0 in magnitude. dst may be x.
func Threshold(dst, x []float32, lambda float32) {
	sameLength(len(dst), len(x))
	for i, v := range x {
		if v <= lambda && v >= -lambda {
			v = 0
		}
		dst[i] = v
	}
}

// SupportGrad lets dy through where y is not zero: the gradient of Threshold where y is its value. dx may be dy.
func SupportGrad(dx, dy, y []float32) {
	sameLength(len(dx), len(dy))
	sameLength(len(dx), len(y))
	for i, v := range y {
		bits := math.Float32bits(v) << 1 // −0 is zero
		mask := uint32(int32(bits|-bits) >> 31)
		dx[i] = math.Float32frombits(math.Float32bits(dy[i]) & mask)
	}
}
