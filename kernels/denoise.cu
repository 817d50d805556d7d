// The denoiser: see denoise.go and families.go.
//
//	dst[i] = f(u[i])
//
// Within 2 ulp of the Go version's intermediate results. NaN in u or θ gives NaN.

#include "vector.cuh"
#include "family.cuh"

// Prepare: one warp for each replica, before the others: θ becomes the Denoiser that they read, once a step. It is float64
// arithmetic with an exp and a log1p.
extern "C" __global__ void Prepare(Tensor prepared, Tensor theta, int family) {
    if (threadIdx.x != 0)
        return;
    Denoiser d{};
    d.prepare(family, data(theta));
    *reinterpret_cast<Denoiser*>(data(prepared)) = d;
}

// Denoise, DenoiseGrad, DenoiseMSE: sums. dtheta has as many numbers as the family has parameters; scale = 2/n, loss is
// Σ(f(u)−x)²/n. With du.data null DenoiseMSE computes the loss alone.
extern "C" __global__ void Denoise(Tensor dst, Tensor u, Tensor prepared, long long n, int family) {
    const Denoiser& d = shared_denoiser(prepared);
    dispatch(family, [&](auto f) { map(dst, u, n, [&](float v) { return at<decltype(f)::value>(d, v).value; }); });
}
