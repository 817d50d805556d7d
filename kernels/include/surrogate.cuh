// The surrogate gradient of the sign: see sign_grad.cu.

#pragma once
#include "exp.cuh"

constexpr unsigned SIGN_GRAD_BITS = 26, SIGN_GRAD_FLOOR = EXP2_FLOOR - SIGN_GRAD_BITS;
constexpr float SIGN_GRAD_UP = 1 << SIGN_GRAD_BITS;

struct Surrogate {
    float hi, lo, end, scale; // −2·log₂e/τ as hi + lo, without a division in float64 for every four elements
    float peak; // the derivative at 0, times four

    __device__ explicit Surrogate(float tau) {
        const float inv = 1 / tau, inv_lo = fmaf(-inv, tau, 1) * inv;
        hi = -2 * LOG2E_HI * inv;
        lo = fmaf(-2 * LOG2E_HI, inv, -hi) - 2 * LOG2E_HI * inv_lo - 2 * LOG2E_LO * inv;
        end = SIGN_GRAD_FLOOR / (2 * LOG2E_HI) * tau;
        peak = 4 * inv;
        scale = SIGN_GRAD_UP * peak;
    }

    // gradient returns g times the derivative at v.
    __device__ float gradient(float g, float v) const {
        float p;
        const unsigned k = exp2_parts(at_most(fabsf(v), end), hi, lo, &p);
        const float h = pow2(k, SIGN_GRAD_FLOOR);
        const float e = fmaf(h, p, h), d = fmaf(e, SIGN_GRAD_UP, 1);
        return ratio(e * scale * g, d * d);
    }

    // near returns the derivative at v within 2⁻²¹ of that at 0: less than what the last places of v make of it, for τ below 1.
    __device__ float near(float v) const {
        const float e = exp2_of(hi * fabsf(v)), d = 1 + e;
        return ratio(e * peak, d * d);
    }
};
