// What CUDA C needs beyond C++ to be compiled for the host: included before kernels.cu.
//
// The threads of a block are fibers of one host thread, which change places only where they wait for each other: in
// __syncthreads, __syncwarp and in shuffles. See block.cpp.

#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#define __global__
#define __device__
#define __host__
#define __shared__ static // one block runs at a time
#define __launch_bounds__(...)
#define DYNAMIC_SHARED(T, name) alignas(16) static T name[227 * 1024 / sizeof(T)]

struct dim3 {
    unsigned x, y, z;
};

extern dim3 threadIdx, blockIdx, blockDim, gridDim; // of the fiber that runs

struct alignas(16) float4 {
    float x, y, z, w;
};
struct alignas(8) ushort4 {
    unsigned short x, y, z, w;
};
inline float4 make_float4(float x, float y, float z, float w) {
    return {x, y, z, w};
}
inline ushort4 make_ushort4(unsigned short x, unsigned short y, unsigned short z, unsigned short w) {
    return {x, y, z, w};
}

// __syncthreads waits for all threads of the block that have not ended.
void __syncthreads();

// exchange gives every lane of a warp the number of another one.
uint64_t exchange(uint64_t bits, unsigned mask, unsigned from);

template <class T> T __shfl_xor_sync(unsigned mask, T x, int distance) {
    uint64_t bits = 0;
    memcpy(&bits, &x, sizeof x);
    bits = exchange(bits, mask, threadIdx.x % 32 ^ distance);
    memcpy(&x, &bits, sizeof x);
    return x;
}

// __match_any_sync returns the lanes whose number is this lane's.
unsigned __match_any_sync(unsigned mask, int x);

inline void __syncwarp() {
    exchange(0, 0xffffffff, 0);
}

// __trap ends a kernel with an error, and here the process.
[[noreturn]] inline void __trap() {
    fprintf(stderr, "emulated driver: a kernel trapped\n");
    abort();
}

inline unsigned __float_as_uint(float x) {
    unsigned b;
    memcpy(&b, &x, 4);
    return b;
}
inline float __uint_as_float(unsigned b) {
    float x;
    memcpy(&x, &b, 4);
    return x;
}
inline float __fdividef(float a, float b) {
    return a / b;
}
inline int __ffs(unsigned x) {
    return __builtin_ffs((int)x);
}
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}
inline double cospi(double x) {
    return cos(M_PI * x);
}
inline long long min(long long a, long long b) {
    return a < b ? a : b;
}
using std::isfinite;
