// The merge of the unrolled decoder and its gradient: see merge.go.
//
//	dst[i] = β·a[i] + γ·b[i]      two roundings         (β, γ) = w
//	da[i]  = β·dout[i]            db[i] = γ·dout[i]     each where it is wanted
//	dw[0]  = Σᵢ dout[i]·a[i]      dw[1] = Σᵢ dout[i]·b[i]
//
// Sums as in sum.cuh. NaN follows IEEE arithmetic.

#include "sum.cuh"

// Merge: flat, dst = w[0]·a + w[1]·b. MergeGrad: sums, dw is 2 numbers; da.data and db.data may be null (MergeGradWeights).
extern "C" __global__ void Merge(Tensor dst, Tensor a, Tensor b, Tensor w, long long n) {
    const float beta = data(w)[0], gamma = data(w)[1];
    map(dst, a, b, n, [&](float x, float y) { return fmaf(gamma, y, beta * x); });
}

extern "C" __global__ void MergeGrad(Tensor da, Tensor db, Sums dw, Tensor dout, Tensor a, Tensor b, Tensor w, long long n) {
    const float beta = data(w)[0], gamma = data(w)[1];
    float *const to_a = da.data ? data(da) : nullptr, *const to_b = db.data ? data(db) : nullptr;
    const float *const from = data(dout), *const left = data(a), *const right = data(b);
    double sums[2] = {0};
    each(n, [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        const Pack<W> g = load<W>(from + i);
        sums[0] += dot(g, load<W>(left + i));
        sums[1] += dot(g, load<W>(right + i));
        if (to_a)
            store(to_a + i, scaled(g, beta));
        if (to_b)
            store(to_b + i, scaled(g, gamma));
    });
    const double sum = block_sum(sums);
    if (const int k = threadIdx.x / 32; threadIdx.x % 32 == 0 && k < 2)
        put(dw, k, sum);
}
