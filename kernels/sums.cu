// Sums over a tensor: see sums.go.
//
//	MSE = Σ(u[i]−x[i])²/n    Dot = Σ a[i]·b[i]    GradNorm = Σ g[i]²
//
// Differences are rounded to float32. The order is that of sum.cuh; NaN gives NaN.

#include "sum.cuh"

// MSE: sums, loss = Σ(u−x)²/n. MSEGrad: sums, du = scale·(u−x) with scale = 2/n; loss.data may be null.
extern "C" __global__ void MSE(Sums loss, Tensor u, Tensor x, long long n) {
    const float *const from = data(u), *const target = data(x);
    sum_each(loss, n, n, [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        Pack<W> e = load<W>(from + i);
        const Pack<W> t = load<W>(target + i);
        for (int k = 0; k < W; k++)
            e.x[k] -= t.x[k];
        return dot(e, e);
    });
}

// Dot: sums, Σ a·b. GradNorm: sums, Σ g². GradNormSums: sums, Σ float32(g)² over n totals of Finish.
extern "C" __global__ void Dot(Sums sum, Tensor a, Tensor b, long long n) {
    const float *const left = data(a), *const right = data(b);
    sum_each(sum, n, 1, [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        return dot(load<W>(left + i), load<W>(right + i));
    });
}

extern "C" __global__ void GradNorm(Sums norm2, Tensor g, long long n) {
    const float* const from = data(g);
    sum_each(norm2, n, 1, [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        const Pack<W> p = load<W>(from + i);
        return dot(p, p);
    });
}

// GradNormSums is GradNorm of a gradient that is itself a sum: the optimizers round it to float32.
extern "C" __global__ void GradNormSums(Sums norm2, Sums g, long long n) {
    const double* const from = g.data + blockIdx.y * g.stride;
    sum_each(norm2, n, 1, [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        Pack<W> p;
        for (int k = 0; k < W; k++)
            p.x[k] = (float)from[i + k];
        return dot(p, p);
    });
}
