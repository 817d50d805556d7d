// The code of an autoencoder: see sign.go.
//
//	dst[i] = +1 where z[i] > 0, −1 where z[i] < 0, a fair coin where z[i] = ±0, NaN where z[i] is NaN
//
// as float32, as bf16, in which ±1 is exact, or both. Four neighbours share a counter of coins, which is drawn only
// where one of them is zero. The bits are those of sign.go.

#include "bf16.cuh"
#include "philox.cuh"

// Sign: see sign.go. flat in n = rows·cols. Writes ±1 to dst as float32 and to code, with rows of ld numbers, as bf16; either
// data may be null. Reads seed and step.
extern "C" __global__ void Sign(Tensor dst, Halves code, long long ld, Tensor z, long long n, int cols, unsigned stream,
                                const Replica* replicas) {
    const Replica& r = replicas[blockIdx.y];
    const float* const from = data(z);
    float* const to = dst.data ? data(dst) : nullptr;
    const bool together = ld == cols || (ld % 4 | cols % 4) == 0; // four neighbours of z are neighbours in code
    unsigned short* const half = code.data ? code.data + blockIdx.y * code.stride : nullptr;
    each(n, [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        Pack<W> p = load<W>(from + i);
        bool zero = false;
        for (int k = 0; k < W; k++) {
            zero = zero || p.x[k] == 0;
            p.x[k] = p.x[k] > 0 ? 1 : p.x[k] < 0 ? -1 : p.x[k];
        }
        if (zero) {
            const unsigned word = coins(i, stream, r.step, r.seed);
            for (int k = 0; k < W; k++)
                if (p.x[k] == 0)
                    p.x[k] = word >> (i % 32 + k) & 1 ? 1 : -1;
        }
        if (to)
            store(to + i, p);
        if (half) {
            unsigned short h[W];
            for (int k = 0; k < W; k++)
                h[k] = bf16(p.x[k]);
            if (together)
                store<W>(half + i + gap(i, cols, ld), h);
            else
                for (int k = 0; k < W; k++)
                    half[i + k + gap(i + k, cols, ld)] = h[k];
        }
    });
}
