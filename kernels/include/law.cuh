// The data laws: see laws.go. A counter's words become two elements of a sample.

#pragma once
#include "exp.cuh"
#include "philox.cuh"

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

// normal_pair and exponential_pair are the random numbers of one counter's words, of amplitude scale.
__device__ inline void normal_pair(const Words& r, float scale, float* a, float* b) {
    const float radius = root(2 * minus_log(r.w[0])) * scale;
    turn(r.w[1], a, b);
    *a *= radius;
    *b *= radius;
}

__device__ inline void exponential_pair(const Words& r, float scale, float* a, float* b) {
    *a = minus_log(r.w[0]) * scale;
    *b = minus_log(r.w[1]) * scale;
}

// give_signs and mask use the other two words.
__device__ inline void give_signs(const Words& r, float* a, float* b) {
    *a = flip(*a, r.w[2]), *b = flip(*b, r.w[3]);
}

__device__ inline void mask(const Words& r, const Law& law, float* a, float* b) {
    const unsigned most = 2u * law.limit + 1; // w/2 > limit exactly where w > most
    *a = r.w[2] > most ? 0 : *a;
    *b = r.w[3] > most ? 0 : *b;
}

// draw makes the two elements of one counter's words: a specialisation for each law of list.cuh.
template <int K> __device__ void draw(const Words& r, const Law& law, float* a, float* b) = delete;

template <> __device__ inline void draw<GAUSSIAN>(const Words& r, const Law& law, float* a, float* b) {
    normal_pair(r, law.scale, a, b);
}

template <> __device__ inline void draw<SPARSE_GAUSSIAN>(const Words& r, const Law& law, float* a, float* b) {
    normal_pair(r, law.scale, a, b);
    mask(r, law, a, b);
}

template <> __device__ inline void draw<SPARSE_RADEMACHER>(const Words& r, const Law& law, float* a, float* b) {
    *a = *b = law.scale;
    give_signs(r, a, b);
    mask(r, law, a, b);
}

template <> __device__ inline void draw<SPARSE_LAPLACE>(const Words& r, const Law& law, float* a, float* b) {
    exponential_pair(r, law.scale, a, b);
    give_signs(r, a, b);
    mask(r, law, a, b);
}

template <> __device__ inline void draw<SPARSE_MIXTURE>(const Words& r, const Law& law, float* a, float* b) {
    normal_pair(r, law.scale, a, b);
    *a += flip(law.mean, r.w[2]), *b += flip(law.mean, r.w[3]);
    mask(r, law, a, b);
}

template <> __device__ inline void draw<SPARSE_UNIFORM>(const Words& r, const Law& law, float* a, float* b) {
    *a = fmaf((float)(int)r.w[0], 0x1p-31f, 0x1p-32f) * law.scale;
    *b = fmaf((float)(int)r.w[1], 0x1p-31f, 0x1p-32f) * law.scale;
    mask(r, law, a, b);
}
