// The hard threshold, and the gradient that a support lets through: see threshold.go.
//
//	Threshold:   dst[i] = x[i] if |x[i]| > lambda, else +0     NaN stays NaN
//	SupportGrad: dx[i]  = dy[i] if y[i] ≠ 0, else +0           a NaN in y counts as not zero
//
// The bits are those of threshold.go.

#include "vector.cuh"

// Threshold, SupportGrad: see threshold.go. flat.
extern "C" __global__ void Threshold(Tensor dst, Tensor x, long long n, float lambda) {
    map(dst, x, n, [&](float v) { return v <= lambda && v >= -lambda ? 0 : v; });
}

extern "C" __global__ void SupportGrad(Tensor dx, Tensor dy, Tensor y, long long n) {
    map(dx, dy, y, n, [](float g, float v) { return v == 0 ? 0 : g; });
}
