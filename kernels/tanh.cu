// The hyperbolic tangent: see tanh.go.
//
//	dst[i] = tanh(x[i])
//
// Within 2 ulp of tanh.go, and so within 5 ulp; ±Inf gives ±1, NaN gives NaN.

#include "exp.cuh"
#include "vector.cuh"

extern "C" __global__ void Tanh(Tensor dst, Tensor x, long long n) {
    map(dst, x, n, [](float v) { return tanh_of(v); });
}
