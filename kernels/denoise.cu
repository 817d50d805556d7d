// The denoiser: see denoise.go and families.go.
//
//	dst[i] = f(u[i])
//
// Within 2 ulp of the Go version's intermediate results. NaN in u or θ gives NaN.

#include "vector.cuh"
#include "family.cuh"

// Denoise, DenoiseGrad, DenoiseMSE: sums, for every block prepares θ first. dtheta has as many numbers as the family has
// parameters; scale = 2/n, loss is Σ(f(u)−x)²/n. With du.data null DenoiseMSE computes the loss alone.
extern "C" __global__ void Denoise(Tensor dst, Tensor u, Tensor theta, long long n, int family) {
    const Denoiser& d = shared_denoiser(family, data(theta));
    dispatch(family, [&](auto f) { map(dst, u, n, [&](float v) { return at<decltype(f)::value>(d, v).value; }); });
}
