// Sparse codes of dictionary models: see codes.go.
//
//	row i = Σ_j s_ij·a_ij·e_{t_ij},  j = 0 … k−1
//
// The integers and the bits are those of codes.go. A warp makes a row: it clears it, its lanes draw 32 entries side by
// side and put them down in order, since the place of one depends on those before.

#include "philox.cuh"
#include "vector.cuh"

// SampleCodes: see codes.go. Geometry: 256 threads, gridDim.x = ⌈rows/8⌉. Magnitudes are from low to low + width.
extern "C" __global__ void SampleCodes(Tensor dst, int rows, int cols, int support, float low, float width,
                                       int with_signs, unsigned stream, const Replica* replicas) {
    const Replica& r = replicas[blockIdx.y];
    const int warps = blockDim.x / 32, lane = threadIdx.x % 32;
    const int i = blockIdx.x * warps + threadIdx.x / 32;
    if (i >= rows)
        return;
    float* const row = data(dst) + (long long)i * cols;
    for (int j = lane; j < cols; j += 32)
        row[j] = 0;
    for (int first = 0; first < support; first += 32) {
        const int j = first + lane, last = cols - support + j;
        const Words w = philox((unsigned)i * support + j, stream, r.step, r.seed);
        const int at = (int)((unsigned long long)w.w[0] * (unsigned)(last + 1) >> 32);
        const float u = fmaf((float)(w.w[1] >> 8), 0x1p-24f, 0x1p-25f), a = fmaf(width, u, low);
        for (int turn = 0; turn < 32 && first + turn < support; turn++) {
            __syncwarp();
            if (lane == turn)
                row[row[at] != 0 ? last : at] = with_signs ? flip(a, w.w[2]) : a;
        }
    }
}
