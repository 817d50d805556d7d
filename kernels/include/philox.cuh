// Philox 4x32-10: see philox.go.

#pragma once
#include "kernels.cuh"

struct Words {
    unsigned w[4];
};

// product returns the lower and the upper word of a product. From a shift of a 64-bit number nvcc makes 64-bit arithmetic of all rounds.
__device__ inline uint2 product(unsigned a, unsigned b) {
    uint2 p;
    asm("{ .reg .b64 wide; mul.wide.u32 wide, %2, %3; mov.b64 {%0, %1}, wide; }" : "=r"(p.x), "=r"(p.y) : "r"(a), "r"(b));
    return p;
}

// philox returns the words of a counter under the name (seed, stream, step), as Stream.words does.
__device__ inline Words philox(unsigned counter, unsigned stream, unsigned long long step, unsigned long long seed) {
    unsigned c0 = counter, c1 = stream, c2 = (unsigned)step, c3 = (unsigned)(step >> 32);
    unsigned k0 = (unsigned)seed, k1 = (unsigned)(seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const uint2 p0 = product(0xD2511F53u, c0), p1 = product(0xCD9E8D57u, c2);
        c0 = p1.y ^ c1 ^ k0;
        c1 = p1.x;
        c2 = p0.y ^ c3 ^ k1;
        c3 = p0.x;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return {{c0, c1, c2, c3}};
}

// flip returns x with its sign changed where w is odd.
__device__ inline float flip(float x, unsigned w) {
    return __uint_as_float(__float_as_uint(x) ^ w << 31);
}

// coins returns the word that holds the coin of element i, in bit i % 32.
__device__ inline unsigned coins(long long i, unsigned stream, unsigned long long step, unsigned long long seed) {
    const Words w = philox((unsigned)(i / 128), stream, step, seed);
    const unsigned at = (unsigned)(i % 128);
    return at < 64 ? at < 32 ? w.w[0] : w.w[1] : at < 96 ? w.w[2] : w.w[3];
}
