// Sums in a fixed order, in float64.
//
// A thread adds up its elements in the order of each(), four in float32 and these in float64; a block adds up its 256
// threads: lane l of a warp takes the threads l, l + 32, … in turn, and the lanes are added in pairs at distance 16, 8, 4,
// 2, 1.

#pragma once
#include "vector.cuh"

constexpr int THREADS = 256; // of a block that sums

// warp_sum returns the sum over the lanes of a warp, in all of them.
__device__ inline double warp_sum(double x) {
    for (int distance = 16; distance > 0; distance /= 2)
        x += __shfl_xor_sync(0xffffffff, x, distance);
    return x;
}

constexpr int MAX_SUMS = THREADS / 32; // of a block: one for each warp

// Parts is the numbers of a block's threads, by sum.
using Parts = double[THREADS];

// shared_parts is the one array in which the block sums.
__device__ inline Parts* shared_parts() {
    __shared__ double parts[MAX_SUMS][THREADS];
    return parts;
}

// block_sum returns the sum of x[k] over the threads of the block in warp k.
template <int K> __device__ inline double block_sum(const double (&x)[K]) {
    static_assert(K <= MAX_SUMS, "one warp for each sum");
    Parts* const parts = shared_parts();
    for (int k = 0; k < K; k++)
        parts[k][threadIdx.x] = x[k];
    __syncthreads();
    const int k = threadIdx.x / 32;
    if (k >= K)
        return 0;
    double sum = 0;
    for (int i = threadIdx.x % 32; i < THREADS; i += 32)
        sum += parts[k][i];
    return warp_sum(sum);
}

// put writes the block's partial sum of the k-th number. One thread calls it.
__device__ inline void put(Sums to, int k, double sum) {
    to.data[blockIdx.y * to.stride + (long long)k * gridDim.x + blockIdx.x] = sum;
}

// sum_each writes the block's part of Σ term(i), where term(i, width) is the sum of a Pack of terms, divided by size.
template <class F> __device__ inline void sum_each(Sums to, long long n, double size, F term) {
    double sum[1] = {0};
    each(n, [&](long long i, auto width) { sum[0] += term(i, width); });
    const double total = block_sum(sum);
    if (threadIdx.x == 0)
        put(to, 0, total / size);
}

// dot returns Σ a·b of a Pack.
template <int W> __device__ inline float dot(const Pack<W>& a, const Pack<W>& b) {
    float sum = a.x[0] * b.x[0];
    for (int k = 1; k < W; k++)
        sum = fmaf(a.x[k], b.x[k], sum);
    return sum;
}
