// Elementwise passes: every thread moves four elements at a time, the ragged end goes one by one.

#pragma once
#include "kernels.cuh"

// Pack is W neighbours, 16 bytes for W = 4.
template <int W> struct Pack { float x[W]; };

template <int W> __device__ inline Pack<W> load(const float* from) {
    Pack<W> p;
    if constexpr (W == 4) {
        const float4 v = *reinterpret_cast<const float4*>(from);
        p.x[0] = v.x, p.x[1] = v.y, p.x[2] = v.z, p.x[3] = v.w;
    } else {
        p.x[0] = *from;
    }
    return p;
}

template <int W> __device__ inline void store(float* to, const Pack<W>& p) {
    if constexpr (W == 4)
        *reinterpret_cast<float4*>(to) = make_float4(p.x[0], p.x[1], p.x[2], p.x[3]);
    else
        *to = p.x[0];
}

template <int W> __device__ inline Pack<W> scaled(Pack<W> p, float factor) {
    for (int k = 0; k < W; k++)
        p.x[k] *= factor;
    return p;
}

template <int W> struct Width { static constexpr int value = W; };

// each calls f(i, Width<4>()) for the groups of four at i of n elements, and f(i, Width<1>()) for each of the rest. All
// threads of the row of blocks share the work.
template <class F> __device__ inline void each(long long n, F f) {
    const long long first = (long long)blockIdx.x * blockDim.x + threadIdx.x, step = (long long)gridDim.x * blockDim.x;
    for (long long i = 4 * first; i + 4 <= n; i += 4 * step)
        f(i, Width<4>());
    if (const long long i = n / 4 * 4 + first; i < n)
        f(i, Width<1>());
}

// data is this block's replica of a tensor.
__device__ inline float* data(Tensor t) {
    return t.data + blockIdx.y * t.stride;
}

// map writes dst[i] = f(a[i]). dst may be a.
template <class F> __device__ inline void map(Tensor dst, Tensor a, long long n, F f) {
    float* const to = data(dst);
    const float* const from = data(a);
    each(n, [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        Pack<W> p = load<W>(from + i);
        for (int k = 0; k < W; k++)
            p.x[k] = f(p.x[k]);
        store(to + i, p);
    });
}

// map writes dst[i] = f(a[i], b[i]). dst may be a or b.
template <class F> __device__ inline void map(Tensor dst, Tensor a, Tensor b, long long n, F f) {
    float* const to = data(dst);
    const float *const left = data(a), *const right = data(b);
    each(n, [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        Pack<W> p = load<W>(left + i);
        const Pack<W> q = load<W>(right + i);
        for (int k = 0; k < W; k++)
            p.x[k] = f(p.x[k], q.x[k]);
        store(to + i, p);
    });
}

// copy_words copies what another kernel left in a tensor, 4 bytes at a time, by the threads of the block.
__device__ inline void copy_words(void* to, const float* from, int words) {
    for (int i = threadIdx.x; i < words; i += blockDim.x)
        static_cast<float*>(to)[i] = from[i];
}
