// Rows of a data set, drawn and masked: see gather.go.
//
//	dst[i][j] = data[k(i)][j]·m[i][j]      m = 1/√p with probability p, else 0
//
// A mask that lets everything through is 1. The integers and the bits are those of gather.go; a NaN in the data stays one.
// Threads share the words of the mask as those of Sample share theirs, and draw the number of a row when they come to it.

#include "philox.cuh"
#include "vector.cuh"

constexpr unsigned ROW_DRAWS = 1u << 31; // marks the streams from which rows are drawn
constexpr int ALL = 0x7fffffff;          // the limit of a mask that lets everything through

// Draw is what the batch of one replica is drawn from.
struct Draw {
    const float* data;
    long long data_rows;
    int rows, cols;
    bool in_order;
    unsigned stream;
    unsigned long long seed, step;

    // row is k(i).
    __device__ long long row(long long i) const {
        const unsigned long long count = data_rows;
        if (in_order)
            return (long long)((step % count * rows + i) % count);
        const Words r = philox((unsigned)i, stream | ROW_DRAWS, step, seed);
        return (long long)__umul64hi((unsigned long long)r.w[1] << 32 | r.w[0], count);
    }
};

// gather writes four elements from e on, as far as there are any, each multiplied by its mask.
__device__ inline void gather(float* to, long long e, const Draw& d, const Pack<4>& mask) {
    const long long n = (long long)d.rows * d.cols;
    if (e >= n)
        return;
    long long i = n >> 32 ? e / d.cols : (unsigned)e / (unsigned)d.cols;
    int j = (int)(e - i * d.cols);
    const float* row = d.data + d.row(i) * d.cols;
    for (int k = 0; k < 4 && e + k < n; k++) {
        to[e + k] = mask.x[k] * row[j];
        if (++j == d.cols && e + k + 1 < n) {
            j = 0;
            row = d.data + d.row(++i) * d.cols;
        }
    }
}

// Gather: see gather.go. Geometry: 256 threads, gridDim.x = ⌈rows·cols/2048⌉. Draws rows of the (data_rows, cols) that
// from holds; laws has the mask of each replica, a SPARSE_RADEMACHER.
extern "C" __global__ void Gather(Tensor dst, Tensor from, long long data_rows, int rows, int cols, int in_order,
                                  unsigned stream, const Replica* replicas, const Law* laws) {
    const Replica& r = replicas[blockIdx.y];
    const Law& law = laws[blockIdx.y];
    const Draw d{data(from), data_rows, rows, cols, in_order != 0, stream, r.seed, r.step};
    const long long quads = ((long long)rows * cols + 31) / 32 * 4, step = (long long)gridDim.x * blockDim.x;
    for (long long q = (long long)blockIdx.x * blockDim.x + threadIdx.x; q < quads; q += step) {
        Pack<4> a{1, 1, 1, 1}, b = a;
        if (law.limit != ALL)
            for (int k = 0; k < 4; k++) {
                const Words w = philox((unsigned)(4 * q) + k, stream, r.step, r.seed);
                a.x[k] = (int)(w.w[2] >> 1) > law.limit ? 0 : law.scale;
                b.x[k] = (int)(w.w[3] >> 1) > law.limit ? 0 : law.scale;
            }
        const long long e = q / 4 * 32 + q % 4 * 4;
        gather(data(dst), e, d, a);
        gather(data(dst), e + 16, d, b);
    }
}
