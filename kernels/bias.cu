// The bias of a fully connected layer and its gradient: see bias.go.
//
//	dst[i][j] = x[i][j] + c[j]
//	dc[j]     = Σᵢ dy[i][j]
//
// A block of the gradient sums 32 columns over one of parts equal runs of rows: each of eight warps takes every eighth row,
// in order and in float64, and the warps are added in order.

#include "sum.cuh"

// Bias: flat in n = rows·cols. BiasGrad: 256 threads, gridDim.x = ⌈cols/32⌉·parts with parts = min(⌈rows/128⌉, 64); the
// partial sums of column j are dc[j·parts + part].
extern "C" __global__ void Bias(Tensor dst, Tensor x, Tensor c, int rows, int cols) {
    float* const to = data(dst);
    const float *const from = data(x), *const bias = data(c);
    const long long n = (long long)rows * cols;
    each(n, [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        int j = n >> 32 ? (int)(i % cols) : (int)((unsigned)i % (unsigned)cols);
        Pack<W> p = load<W>(from + i);
        for (int k = 0; k < W; k++) {
            p.x[k] += bias[j];
            j = j + 1 == cols ? 0 : j + 1;
        }
        store(to + i, p);
    });
}

extern "C" __global__ void BiasGrad(Sums dc, Tensor dy, int rows, int cols, int parts) {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, part = blockIdx.x % parts;
    const int j = blockIdx.x / parts * 32 + lane, run = (rows + parts - 1) / parts;
    const int end = min((long long)rows, (long long)(part + 1) * run);
    const float* const from = data(dy);
    __shared__ double sums[THREADS / 32][32];
    double sum = 0;
    if (j < cols)
        for (int i = part * run + warp; i < end; i += THREADS / 32)
            sum += from[(long long)i * cols + j];
    sums[warp][lane] = sum;
    __syncthreads();
    if (warp != 0 || j >= cols)
        return;
    for (int k = 1; k < THREADS / 32; k++)
        sum += sums[k][lane];
    dc.data[blockIdx.y * dc.stride + (long long)j * parts + part] = sum;
}
