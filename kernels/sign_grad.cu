// The surrogate gradient of the sign: see sign_grad.go.
//
//	dz[i] = dy[i]·(4/τ)·E/(1+E)²,   E = exp(−2|z[i]|/τ)
//
// The factor is computed again from z: 12 bytes move for each element. Saved by Sign, it would move as many here and 4 more
// there. Within 4 ulp of sign_grad.go; beyond |z|/τ = 34.8 the factor is 0. NaN in z or dy gives NaN.

#include "surrogate.cuh"
#include "vector.cuh"

// SignGrad: see sign_grad.go. flat.
extern "C" __global__ void SignGrad(Tensor dz, Tensor dy, Tensor z, long long n, float tau) {
    const Surrogate s(tau);
    map(dz, dy, z, n, [&](float g, float v) { return s.gradient(g, v); });
}
