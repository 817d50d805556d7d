// The pieces of exp.go and tanh.go: the same roundings, but for the division.

#pragma once
#include "kernels.cuh"

constexpr float ROUND_MAGIC = 3 << 22;
constexpr float LOG2E_HI = 1.44269502162933349609375f;
constexpr float LOG2E_LO = 1.925963033500011e-8f;
constexpr double LOG2E = 1.44269504088896340735992468100189214;
constexpr unsigned EXP2_FLOOR = 127;

// divide is within 2 ulp of a/b for |b| up to 2¹²⁶: one step where the correctly rounded quotient takes eight.
__device__ inline float divide(float a, float b) {
    return __fdividef(a, b);
}

// exp2m1 returns 2^r − 1 for |r| ≤ ½.
__device__ inline float exp2m1(float r) {
    float q = fmaf(0.0001540351277f, r, 0.001339073548f);
    q = fmaf(q, r, 0.009618237494f);
    q = fmaf(q, r, 0.05550357434f);
    q = fmaf(q, r, 0.2402264979f);
    q = fmaf(q, r, 0.6931471879f);
    return q * r;
}

// exp2_parts returns n in the low bits of an integer and 2^r − 1 in p, where n + r = x·(hi + lo).
__device__ inline unsigned exp2_parts(float x, float hi, float lo, float* p) {
    const float t = fmaf(x, hi, ROUND_MAGIC);
    float r = fmaf(x, hi, -(t - ROUND_MAGIC));
    r = fmaf(x, lo, r);
    *p = exp2m1(r);
    return __float_as_uint(t);
}

// pow2 returns 2ⁿ for the n in the low bits, and 0 for n = −bias.
__device__ inline float pow2(unsigned n, unsigned bias) {
    return __uint_as_float((n << 23) + (bias << 23));
}

// at_most returns min(x, end), and NaN for a NaN in x.
__device__ inline float at_most(float x, float end) {
    return x > end ? end : x;
}

// tanh_of returns tanh(|k|x), where hi = −2|k|·log₂e and end·hi = −127.
__device__ inline float tanh_of(float x, float hi, float end) {
    float p;
    const unsigned n = exp2_parts(at_most(fabsf(x), end), hi, 0, &p);
    const float h = pow2(n, EXP2_FLOOR);
    const float q = fmaf(h, p, h - 1);
    return copysignf(divide(q, q + 2), x);
}

constexpr float TANH_END = 44;

__device__ inline float tanh_of(float x) {
    return tanh_of(x, -2 * LOG2E_HI, TANH_END);
}

// sech2 returns 1 − tanh².
__device__ inline float sech2(float tanh) {
    return fmaf(-tanh, tanh, 1);
}
