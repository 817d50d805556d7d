// The squared error of an estimate and its gradient, in one pass: see mse_grad.go.
//
//	du[i] = scale·(u[i] − x[i])
//	loss  = Σᵢ (u[i] − x[i])²/n      where it is wanted
//
// Sums as in sum.cuh; NaN gives NaN.

#include "sum.cuh"

extern "C" __global__ void MSEGrad(Tensor du, Sums loss, Tensor u, Tensor x, long long n, float scale) {
    float* const to = data(du);
    const float *const from = data(u), *const target = data(x);
    double sum[1] = {0};
    each(n, [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        Pack<W> e = load<W>(from + i);
        const Pack<W> t = load<W>(target + i);
        for (int k = 0; k < W; k++)
            e.x[k] -= t.x[k];
        sum[0] += dot(e, e);
        store(to + i, scaled(e, scale));
    });
    if (!loss.data)
        return;
    const double total = block_sum(sum);
    if (threadIdx.x == 0)
        put(loss, 0, total / n);
}
