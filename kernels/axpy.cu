// Scaled copies and sums of vectors: see axpy.go.
//
//	Scale: dst[i] = w[k]·a[i]      Add: dst[i] = a[i] + b[i]
//
// The bits are those of axpy.go; NaN and Inf follow IEEE arithmetic.

#include "vector.cuh"

// Scale: flat, dst = w[k]·a; also MergeGradInput. Add: flat.
extern "C" __global__ void Scale(Tensor dst, Tensor a, Tensor w, int k, long long n) {
    const float alpha = data(w)[k];
    map(dst, a, n, [&](float x) { return alpha * x; });
}

extern "C" __global__ void Add(Tensor dst, Tensor a, Tensor b, long long n) {
    map(dst, a, b, n, [](float x, float y) { return x + y; });
}
