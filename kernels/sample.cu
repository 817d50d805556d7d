// Random samples of the data laws: see sample.go for the laws and the layout of the random words.
//
//	x[i] = element i of the sequence of (seed, stream, step)
//
// The integers and, but for the square root's last bit, the roundings are those of sample.go. A thread draws four
// neighbouring counters, the elements 32k + 4q … + 3 and 16 further. Past a ragged end nothing is written.

#include "philox.cuh"
#include "vector.cuh"

constexpr unsigned SQRT_HALF_BITS = 0x3f3504f3; // √½

// minus_log returns −ln u of u = (w + ½)·2⁻³².
__device__ inline float minus_log(unsigned w) {
    const float s = fmaf((float)(int)w, 0x1p-32f, 0x1p-33f);
    const float x = s < 0 ? s + 1 : s;
    const unsigned b = __float_as_uint(x);
    const int e = (int)(b - SQRT_HALF_BITS) >> 23;
    const float f = e == 0 ? s : __uint_as_float(b - ((unsigned)e << 23)) - 1;
    float q = fmaf(0.08734844965f, f, -0.1430752254f);
    q = fmaf(q, f, 0.1491797329f);
    q = fmaf(q, f, -0.1657050804f);
    q = fmaf(q, f, 0.1996207215f);
    q = fmaf(q, f, -0.2500175526f);
    q = fmaf(q, f, 0.3333395022f);
    q = fmaf(q, f, -0.4999999161f);
    q = fmaf(q, f * f, f);
    return fmaf((float)-e, 0.693147180559945309417f, -q);
}

// turn returns the cosine and sine of 2π·w·2⁻³².
__device__ inline void turn(unsigned w, float* cos, float* sin) {
    const unsigned t = w + (1u << 29);
    const float y = (float)(int)((t & ((1u << 30) - 1)) - (1u << 29)) * 0x1p-30f, y2 = y * y;
    float s = fmaf(-0.004601657887f, y2, 0.07968003277f);
    s = fmaf(s, y2, -0.6459634602f);
    s = fmaf(s, y2, 1.570796322f);
    s = s * y;
    float c = fmaf(0.0009037665415f, y2, -0.02086016511f);
    c = fmaf(c, y2, 0.253669226f);
    c = fmaf(c, y2, -1.233700543f);
    c = fmaf(c, y2, 1);
    const bool swap = t & 1u << 30;
    *cos = flip(swap ? s : c, (t ^ t << 1) >> 31);
    *sin = flip(swap ? c : s, t >> 31);
}

// draw makes the two elements of one counter's words.
template <int K> __device__ inline void draw(const Words& r, const Law& law, float* a, float* b) {
    if constexpr (K == SPARSE_RADEMACHER) {
        *a = *b = law.scale;
    } else if constexpr (K == SPARSE_LAPLACE) {
        *a = minus_log(r.w[0]) * law.scale;
        *b = minus_log(r.w[1]) * law.scale;
    } else {
        const float radius = sqrtf(2 * minus_log(r.w[0])) * law.scale;
        turn(r.w[1], a, b);
        *a *= radius;
        *b *= radius;
    }
    if constexpr (K == SPARSE_RADEMACHER || K == SPARSE_LAPLACE)
        *a = flip(*a, r.w[2]), *b = flip(*b, r.w[3]);
    if constexpr (K == SPARSE_MIXTURE)
        *a += flip(law.mean, r.w[2]), *b += flip(law.mean, r.w[3]);
    if constexpr (K != GAUSSIAN) {
        *a = (int)(r.w[2] >> 1) > law.limit ? 0 : *a;
        *b = (int)(r.w[3] >> 1) > law.limit ? 0 : *b;
    }
}

// put writes four elements from i on, as far as there are n.
__device__ inline void put(float* x, long long i, long long n, const Pack<4>& p) {
    if (i + 4 <= n)
        store(x + i, p);
    else
#pragma unroll
        for (int k = 0; k < 3; k++)
            if (i + k < n)
                x[i + k] = p.x[k];
}

template <int K> __device__ inline void sample(float* x, long long n, unsigned stream, const Replica& r, const Law& law) {
    const long long quads = (n + 31) / 32 * 4, step = (long long)gridDim.x * blockDim.x;
    for (long long q = (long long)blockIdx.x * blockDim.x + threadIdx.x; q < quads; q += step) {
        Pack<4> a, b;
#pragma unroll
        for (int k = 0; k < 4; k++)
            draw<K>(philox((unsigned)(4 * q) + k, stream, r.step, r.seed), law, &a.x[k], &b.x[k]);
        const long long i = q / 4 * 32 + q % 4 * 4;
        put(x, i, n, a);
        put(x, i + 16, n, b);
    }
}

extern "C" __global__ void Sample(Tensor x, long long n, int law, unsigned stream, const Replica* replicas,
                                  const Law* laws) {
    const Replica& r = replicas[blockIdx.y];
    const Law& l = laws[blockIdx.y];
    switch (law) {
    case SPARSE_GAUSSIAN: return sample<SPARSE_GAUSSIAN>(data(x), n, stream, r, l);
    case SPARSE_RADEMACHER: return sample<SPARSE_RADEMACHER>(data(x), n, stream, r, l);
    case SPARSE_LAPLACE: return sample<SPARSE_LAPLACE>(data(x), n, stream, r, l);
    case SPARSE_MIXTURE: return sample<SPARSE_MIXTURE>(data(x), n, stream, r, l);
    default: return sample<GAUSSIAN>(data(x), n, stream, r, l);
    }
}

// Normal draws from N(0, std²).
extern "C" __global__ void Normal(Tensor x, long long n, float std, unsigned stream, const Replica* replicas) {
    sample<GAUSSIAN>(data(x), n, stream, replicas[blockIdx.y], Law{0, std, 0});
}
