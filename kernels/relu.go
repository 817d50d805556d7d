package kernels

import "math"

// The activations of the deep model; tanh itself is in tanh.go.
//
//	ReLU:     dst[i] = max(x[i], 0)        0 for −0; NaN stays NaN
//	ReLUGrad: dx[i]  = dy[i] if y[i] > 0, else 0
//	TanhGrad: dx[i]  = dy[i]·(1 − y[i]²)   1 − y² is fused
//
// Plain Go: one operation per element beside the 2·width of the layer's product.

// ReLU writes the positive part of x into dst, which may be x.
func ReLU(dst, x []float32) {
	sameLength(len(dst), len(x))
	for i, v := range x {
		bits := math.Float32bits(v)
		if v != v {
			dst[i] = v
			continue
		}
		dst[i] = math.Float32frombits(bits &^ uint32(int32(bits)>>31)) // no branch on a random sign
	}
}

// ReLUGrad writes the gradient before the ReLU, given dy behind it and its value y ≥ 0. dx may be dy.
func ReLUGrad(dx, dy, y []float32) {
	sameLength(len(dx), len(dy))
	sameLength(len(dx), len(y))
	for i, v := range y {
		// y is +0, positive or NaN: all ones unless its bits are zero.
		bits := math.Float32bits(v)
		mask := uint32(int32(bits|-bits) >> 31)
		dx[i] = math.Float32frombits(math.Float32bits(dy[i]) & mask)
	}
}

// TanhGrad writes the gradient before the tanh, given dy behind it and its value y. dx may be dy.
func TanhGrad(dx, dy, y []float32) {
	sameLength(len(dx), len(dy))
	sameLength(len(dx), len(y))
	for i, v := range y {
		dx[i] = float32(dy[i] * sech2(v))
	}
}
