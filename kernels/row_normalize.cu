// The reparametrisation of the encoder: see row_normalize.go.
//
//	inv_norm[i] = 1/‖w_i‖              dst[i][j] = w[i][j]·inv_norm[i]
//	dw[i][j]    = inv_norm[i]·(db[i][j] − b̂[i][j]·⟨b̂_i, db_i⟩)
//
// The threads of a row keep its elements in registers between the sum and the product, so that a row of up to 28 elements
// for each thread (16 in the gradient; 8 and 4 where cols is no multiple of four) is read once; what is beyond is read
// again. A thread adds its elements in order, four in float32 and these in float64; the lanes of a warp are added in pairs,
// then the warps in order. A zero row stays zero with inv_norm 0; a NaN makes its row NaN.

#include "row.cuh"

// Row is one thread's share of a row: packs of W at first, first + step, …, of which the first HELD stay in registers.
template <int W, int FLOATS> struct Row {
    static constexpr int HELD = FLOATS / W;
    const int cols, first = W * threadIdx.x, step = W * blockDim.x;

    __device__ explicit Row(int cols) : cols(cols) {}

    // held calls f(k, j) for the packs in registers, rest calls f(j) for the others.
    template <class F> __device__ void held(F f) const {
#pragma unroll
        for (int k = 0; k < HELD; k++)
            if (first + k * step < cols)
                f(k, first + k * step);
    }
    template <class F> __device__ void rest(F f) const {
        for (long long j = first + (long long)HELD * step; j < cols; j += step)
            f(j);
    }
};

template <int W> __device__ inline void normalize(float* dst, float* inv_norm, const float* w, int cols) {
    const Row<W, W == 4 ? 28 : 8> row(cols);
    Pack<W> p[row.HELD];
    double sum = 0;
    row.held([&](int k, int j) {
        p[k] = load<W>(w + j);
        sum += dot(p[k], p[k]);
    });
    row.rest([&](long long j) {
        const Pack<W> q = load<W>(w + j);
        sum += dot(q, q);
    });
    const float factor = inverse_norm(row_sum(sum));
    if (threadIdx.x == 0)
        *inv_norm = factor;
    row.held([&](int k, int j) { store(dst + j, scaled(p[k], factor)); });
    row.rest([&](long long j) { store(dst + j, scaled(load<W>(w + j), factor)); });
}

// RowNormalize, RowNormalizeGrad: see row_normalize.go. Geometry: blockDim.x threads for each row, a power of two from 32 to
// 512, best about cols/16: two blocks share a multiprocessor, so that one loads while the other waits for its sum; blockDim.y
// rows for each block, blockDim.x·blockDim.y at most 512, and blockDim.y = 1 where
// blockDim.x > 32; gridDim.x = ⌈rows/blockDim.y⌉. inv_norm is (rows).
extern "C" __global__ void __launch_bounds__(512, 2) RowNormalize(Tensor dst, Tensor inv_norm, Tensor w, int rows, int cols) {
    const long long i = (long long)blockIdx.x * blockDim.y + threadIdx.y, at = i * cols;
    if (i >= rows)
        return;
    if (cols % 4 == 0)
        normalize<4>(data(dst) + at, data(inv_norm) + i, data(w) + at, cols);
    else
        normalize<1>(data(dst) + at, data(inv_norm) + i, data(w) + at, cols);
}

// tangent returns inv·(db − along·b̂).
template <int W> __device__ inline Pack<W> tangent(const Pack<W>& db, const Pack<W>& b, float along, float inv) {
    Pack<W> p;
    for (int k = 0; k < W; k++)
        p.x[k] = inv * fmaf(-along, b.x[k], db.x[k]);
    return p;
}

template <int W> __device__ inline void normalize_grad(float* dw, const float* db, const float* bhat, float inv, int cols) {
    const Row<W, W == 4 ? 16 : 4> row(cols);
    Pack<W> p[row.HELD], q[row.HELD];
    double sum = 0;
    row.held([&](int k, int j) {
        p[k] = load<W>(db + j);
        q[k] = load<W>(bhat + j);
        sum += dot(p[k], q[k]);
    });
    row.rest([&](long long j) { sum += dot(load<W>(db + j), load<W>(bhat + j)); });
    const float along = (float)row_sum(sum);
    row.held([&](int k, int j) { store(dw + j, tangent(p[k], q[k], along, inv)); });
    row.rest([&](long long j) { store(dw + j, tangent(load<W>(db + j), load<W>(bhat + j), along, inv)); });
}

extern "C" __global__ void __launch_bounds__(512, 2) RowNormalizeGrad(Tensor dw, Tensor db, Tensor bhat, Tensor inv_norm, int rows, int cols) {
    const long long i = (long long)blockIdx.x * blockDim.y + threadIdx.y, at = i * cols;
    if (i >= rows)
        return;
    const float inv = data(inv_norm)[i];
    if (cols % 4 == 0)
        normalize_grad<4>(data(dw) + at, data(db) + at, data(bhat) + at, inv, cols);
    else
        normalize_grad<1>(data(dw) + at, data(db) + at, data(bhat) + at, inv, cols);
}
