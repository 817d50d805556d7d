// The activations of the deep model: see relu.go; tanh itself is in tanh.cu.
//
//	ReLU:     dst[i] = max(x[i], 0)        0 for −0; NaN stays NaN
//	ReLUGrad: dx[i]  = dy[i] if y[i] > 0 or NaN, else 0
//	TanhGrad: dx[i]  = dy[i]·(1 − y[i]²)   1 − y² is fused
//
// The bits are those of relu.go.

#include "exp.cuh"
#include "vector.cuh"

// ReLU, ReLUGrad, Tanh, TanhGrad: flat.
extern "C" __global__ void ReLU(Tensor dst, Tensor x, long long n) {
    map(dst, x, n, [](float v) { return v <= 0 ? 0 : v; });
}

extern "C" __global__ void ReLUGrad(Tensor dx, Tensor dy, Tensor y, long long n) {
    map(dx, dy, y, n, [](float g, float v) { return v == 0 ? 0 : g; });
}

extern "C" __global__ void TanhGrad(Tensor dx, Tensor dy, Tensor y, long long n) {
    map(dx, dy, y, n, [](float g, float v) { return g * sech2(v); });
}
