// A float32 matrix as a sum of bf16 matrices, for products on tensor cores.
//
//	part₀ = bf16(x)    part₁ = bf16(x − part₀)    part₂ = bf16(x − part₀ − part₁)
//
// The differences are exact. What two parts leave is at most 2⁻¹⁶·|x|, what three leave 2⁻²⁴·|x|, but for parts below the
// smallest bf16. An infinite or NaN x has a part that is NaN or infinite.

#include "bf16.cuh"

// Split: flat in n = rows·cols. Writes x as a sum of count = 1, 2 or 3 bf16: element (i, j) of part p is
// dst[p·part + i·ld + j].
extern "C" __global__ void Split(Halves dst, long long part, long long ld, Tensor x, int rows, int cols, int count) {
    unsigned short* const to = dst.data + blockIdx.y * dst.stride;
    const float* const from = data(x);
    const long long n = (long long)rows * cols;
    const auto split = [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        Pack<W> p = load<W>(from + i);
        unsigned short* const at = to + i + gap(i, cols, ld);
        for (int c = 0; c < count; c++) {
            unsigned short h[W];
            for (int k = 0; k < W; k++) {
                h[k] = bf16(p.x[k]);
                p.x[k] -= widen(h[k]);
            }
            store<W>(at + c * part, h);
        }
    };
    if (part % 4 == 0 && (ld == cols || (ld % 4 | cols % 4) == 0))
        return each(n, split);
    const long long step = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step)
        split(i, Width<1>());
}
