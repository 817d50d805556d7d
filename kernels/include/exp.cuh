// The pieces of exp.go and tanh.go: the same roundings, but for the division.

#pragma once
#include "kernels.cuh"

constexpr float ROUND_MAGIC = 3 << 22;
constexpr float LOG2E_HI = 1.44269502162933349609375f;
constexpr float LOG2E_LO = 1.925963033500011e-8f;
constexpr double LOG2E = 1.44269504088896340735992468100189214;
constexpr unsigned EXP2_FLOOR = 127;

// One instruction of hardware each, which flush numbers below 2⁻¹²⁶ to zero: 1/x within 1 ulp, √x within 2, 2^x within 2.
__device__ inline float reciprocal(float x) {
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}
__device__ inline float root(float x) {
    float y;
    asm("sqrt.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}
__device__ inline float exp2_of(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// ratio is within 2 ulp of a/b for |b| from 1 to 2¹²⁶: two instructions where the correctly rounded quotient takes eight.
__device__ inline float ratio(float a, float b) {
    return a * reciprocal(b);
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

// tanh_of returns tanh(x) within 5 ulp, for tiny x too.
__device__ inline float tanh_of(float x) {
    constexpr float HI = -2 * LOG2E_HI, END = 44; // END·HI = −127
    float p;
    const unsigned n = exp2_parts(at_most(fabsf(x), END), HI, 0, &p);
    const float h = pow2(n, EXP2_FLOOR);
    const float q = fmaf(h, p, h - 1);
    return copysignf(ratio(q, q + 2), x);
}

// tanh_near returns tanh(|k|x) within 2⁻²² of 1, where hi = −2|k|·log₂e: enough for a denoiser, whose value is a sum of terms of
// the size of 1.
__device__ inline float tanh_near(float x, float hi) {
    const float e = exp2_of(hi * fabsf(x));
    return copysignf(ratio(1 - e, 1 + e), x);
}

// sech2 returns 1 − tanh².
__device__ inline float sech2(float tanh) {
    return fmaf(-tanh, tanh, 1);
}
