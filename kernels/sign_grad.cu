// The surrogate gradient of the sign: see sign_grad.go.
//
//	dz[i] = dy[i]·(4/τ)·E/(1+E)²,   E = exp(−2|z[i]|/τ)
//
// The factor is computed again from z: 12 bytes move for each element. Saved by Sign, it would move as many here and 4 more
// there. Within 4 ulp of sign_grad.go; beyond |z|/τ = 34.8 the factor is 0. NaN in z or dy gives NaN.

#include "exp.cuh"
#include "vector.cuh"

constexpr unsigned SIGN_GRAD_BITS = 26, SIGN_GRAD_FLOOR = EXP2_FLOOR - SIGN_GRAD_BITS;
constexpr float SIGN_GRAD_UP = 1 << SIGN_GRAD_BITS;

// SignGrad: see sign_grad.go. flat.
extern "C" __global__ void SignGrad(Tensor dz, Tensor dy, Tensor z, long long n, float tau) {
    // −2·log₂e/τ as hi + lo, without a division in float64 for every four elements
    const float inv = 1 / tau, inv_lo = fmaf(-inv, tau, 1) * inv;
    const float hi = -2 * LOG2E_HI * inv;
    const float lo = fmaf(-2 * LOG2E_HI, inv, -hi) - 2 * LOG2E_HI * inv_lo - 2 * LOG2E_LO * inv;
    const float end = SIGN_GRAD_FLOOR / (2 * LOG2E_HI) * tau, scale = 4 * SIGN_GRAD_UP * inv;
    map(dz, dy, z, n, [&](float g, float v) {
        float p;
        const unsigned k = exp2_parts(at_most(fabsf(v), end), hi, lo, &p);
        const float h = pow2(k, SIGN_GRAD_FLOOR);
        const float e = fmaf(h, p, h), d = fmaf(e, SIGN_GRAD_UP, 1);
        return divide(e * scale * g, d * d);
    });
}
