// Rounding to bf16, the upper half of a float32.

#pragma once
#include "vector.cuh"

// bf16 rounds to nearest, ties to even. NaN stays NaN; magnitudes from 3.39e38 on become Inf.
__device__ inline unsigned short bf16(float x) {
    const unsigned b = __float_as_uint(x);
    if (x != x)
        return (unsigned short)(b >> 16 | 0x40);
    return (unsigned short)((b + 0x7fff + (b >> 16 & 1)) >> 16);
}

__device__ inline float widen(unsigned short h) {
    return __uint_as_float((unsigned)h << 16);
}

// store writes W bf16, 8 bytes for W = 4.
template <int W> __device__ inline void store(unsigned short* to, const unsigned short (&h)[W]) {
    if constexpr (W == 4)
        *reinterpret_cast<ushort4*>(to) = make_ushort4(h[0], h[1], h[2], h[3]);
    else
        *to = h[0];
}

// gap is what element i of a matrix of cols columns lies further on where its rows are ld numbers apart.
__device__ inline long long gap(long long i, int cols, long long ld) {
    return ld == cols ? 0 : (i >> 32 ? i / cols : (unsigned)i / (unsigned)cols) * (ld - cols);
}
