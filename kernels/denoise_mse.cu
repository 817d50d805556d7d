// The squared error of a denoised estimate and its gradient, in one pass: see denoise_mse.go.
//
//	e[i]      = f(u[i]) − x[i]
//	du[i]     = scale·e[i]·f′(u[i])
//	dtheta[k] = scale·Σᵢ e[i]·∂ₖf(u[i])
//	loss      = Σᵢ e[i]²/n
//
// Sums as in sum.cuh. NaN as in denoise.cu.

#include "sum.cuh"
#include "family.cuh"

template <int F> __device__ inline void denoise_error(Sums loss, Tensor u, Tensor x, long long n, const Denoiser& d) {
    const float *const from = data(u), *const target = data(x);
    sum_each(loss, n, n, [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        Pack<W> e = load<W>(from + i);
        const Pack<W> t = load<W>(target + i);
        for (int j = 0; j < W; j++)
            e.x[j] = at<F>(d, e.x[j]).value - t.x[j];
        return dot(e, e);
    });
}

template <int F> __device__ inline void denoise_mse(Tensor du, Sums loss, Sums dtheta, Tensor u, Tensor x, long long n,
                                                    float scale, const Denoiser& d) {
    constexpr int K = params(F);
    float* const to = data(du);
    const float *const from = data(u), *const target = data(x);
    double sums[K + 1] = {0}; // the last is the loss
    each(n, [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        Pack<W> v = load<W>(from + i);
        const Pack<W> t = load<W>(target + i);
        float part[K + 1] = {0};
        for (int j = 0; j < W; j++) {
            const Point p = at<F>(d, v.x[j]);
            const float e = p.value - t.x[j];
            for (int k = 0; k < K; k++)
                part[k] = fmaf(e, p.partial[k], part[k]);
            part[K] = fmaf(e, e, part[K]);
            v.x[j] = scale * e * p.slope;
        }
        for (int k = 0; k <= K; k++)
            sums[k] += part[k];
        store(to + i, v);
    });
    const double sum = block_sum(sums);
    const int k = threadIdx.x / 32;
    if (threadIdx.x % 32 != 0 || k > K)
        return;
    if (k == K)
        put(loss, 0, sum / n);
    else
        put(dtheta, k, scale * d.gain[k] * sum);
}

extern "C" __global__ void DenoiseMSE(Tensor du, Sums loss, Sums dtheta, Tensor u, Tensor x, Tensor prepared, long long n,
                                      float scale, int family) {
    const Denoiser& d = shared_denoiser(prepared);
    dispatch(family, [&](auto f) {
        if (du.data)
            denoise_mse<decltype(f)::value>(du, loss, dtheta, u, x, n, scale, d);
        else
            denoise_error<decltype(f)::value>(loss, u, x, n, d);
    });
}
