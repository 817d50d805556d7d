// The surrogate gradient of the sign: see sign_grad.cu.

#pragma once
#include "exp.cuh"

constexpr unsigned SIGN_GRAD_BITS = 26, SIGN_GRAD_FLOOR = EXP2_FLOOR - SIGN_GRAD_BITS;
constexpr float SIGN_GRAD_UP = 1 << SIGN_GRAD_BITS;

struct Surrogate {
    float hi, lo, end, scale; // −2·log₂e/τ as hi + lo, without a division in float64 for every four elements

    __device__ explicit Surrogate(float tau) {
        const float inv = 1 / tau, inv_lo = fmaf(-inv, tau, 1) * inv;
        hi = -2 * LOG2E_HI * inv;
        lo = fmaf(-2 * LOG2E_HI, inv, -hi) - 2 * LOG2E_HI * inv_lo - 2 * LOG2E_LO * inv;
        end = SIGN_GRAD_FLOOR / (2 * LOG2E_HI) * tau;
        scale = 4 * SIGN_GRAD_UP * inv;
    }

    // gradient returns g times the derivative at v.
    __device__ float gradient(float g, float v) const {
        float p;
        const unsigned k = exp2_parts(at_most(fabsf(v), end), hi, lo, &p);
        const float h = pow2(k, SIGN_GRAD_FLOOR);
        const float e = fmaf(h, p, h), d = fmaf(e, SIGN_GRAD_UP, 1);
        return ratio(e * scale * g, d * d);
    }
};
