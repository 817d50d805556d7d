// The gradient of the denoiser: see denoise_grad.go.
//
//	du[i]     = dout[i]·f′(u[i])
//	dtheta[k] = Σᵢ dout[i]·∂ₖf(u[i])
//
// Sums as in sum.cuh. NaN as in denoise.cu.

#include "sum.cuh"
#include "family.cuh"

template <int F>
__device__ inline void denoise_grad(Tensor du, Sums dtheta, Tensor dout, Tensor u, long long n, const Denoiser& d) {
    constexpr int K = params(F);
    float* const to = data(du);
    const float *const from = data(dout), *const x = data(u);
    double sums[K] = {0};
    each(n, [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        const Pack<W> v = load<W>(x + i);
        Pack<W> g = load<W>(from + i);
        float part[K] = {0};
        for (int j = 0; j < W; j++) {
            const Point p = at<F>(d, v.x[j]);
            for (int k = 0; k < K; k++)
                part[k] = fmaf(g.x[j], p.partial[k], part[k]);
            g.x[j] *= p.slope;
        }
        for (int k = 0; k < K; k++)
            sums[k] += part[k];
        store(to + i, g);
    });
    const double sum = block_sum(sums);
    if (const int k = threadIdx.x / 32; threadIdx.x % 32 == 0 && k < K)
        put(dtheta, k, d.gain[k] * sum);
}

extern "C" __global__ void DenoiseGrad(Tensor du, Sums dtheta, Tensor dout, Tensor u, Tensor prepared, long long n,
                                       int family) {
    const Denoiser& d = shared_denoiser(prepared);
    dispatch(family, [&](auto f) { denoise_grad<decltype(f)::value>(du, dtheta, dout, u, n, d); });
}
