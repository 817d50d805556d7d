// Sums along a row, by the threads that share it: blockDim.x of them.

#pragma once
#include "sum.cuh"

// row_sum returns the sum over the threads of a row, in all of them.
__device__ inline double row_sum(double x) {
    x = warp_sum(x);
    if (blockDim.x == 32)
        return x;
    __shared__ double warps[32];
    if (threadIdx.x % 32 == 0)
        warps[threadIdx.x / 32] = x;
    __syncthreads();
    double sum = 0;
    for (unsigned i = 0; i < blockDim.x / 32; i++)
        sum += warps[i];
    return sum;
}

// inverse_norm returns 1/√sum, and 0 for 0.
__device__ inline float inverse_norm(double sum) {
    return sum == 0 ? 0 : (float)(1 / sqrt(sum));
}
