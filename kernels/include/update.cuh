// What the optimizers share: which block works on which weight, clipping, and the pass over a weight.

#pragma once
#include "vector.cuh"

// find returns the table's entry that a block works on.
__device__ inline const Weight& find(const Weight* weights, int count, long long block) {
    int low = 0, high = count; // weights[low].first ≤ block < weights[high].first
    while (high - low > 1) {
        const int middle = (low + high) / 2;
        (weights[middle].first <= block ? low : high) = middle;
    }
    return weights[low];
}

// scale returns the factor that brings the norm of all gradients down to the bound. A NaN in them gives NaN.
__device__ inline float scale(Clip clip) {
    if (clip.count == 0)
        return 1;
    double norm2 = 0;
    for (int i = 0; i < clip.count; i++)
        norm2 += clip.norms.data[blockIdx.y * clip.norms.stride + i];
    const double ratio = clip.bound / sqrt(norm2);
    return ratio >= 1 ? 1 : (float)ratio;
}

// update calls rule(w, m, v, g) for every element of this block's part of the weights and stores w, m and, with V, v.
template <bool V, class Rule>
__device__ inline void update(const Weight* weights, int count, const Replica* replicas, Rule rule) {
    if (replicas[blockIdx.y].failed != NOT_FAILED)
        return;
    const Weight& t = find(weights, count, blockIdx.x);
    float *const w = data(t.w), *const m = data(t.m), *const v = V ? data(t.v) : nullptr;
    const float* const g = t.g.data ? data(t.g) : nullptr;
    const double* const sum = g ? nullptr : t.sum.data + blockIdx.y * t.sum.stride;
    const long long at = (blockIdx.x - t.first) * 1024 + 4 * threadIdx.x;
    const auto part = [&](long long i, auto width) {
        constexpr int W = decltype(width)::value;
        Pack<W> pw = load<W>(w + i), pm = load<W>(m + i), pv{}, pg;
        if constexpr (V)
            pv = load<W>(v + i);
        if (g)
            pg = load<W>(g + i);
        else
            for (int k = 0; k < W; k++)
                pg.x[k] = (float)sum[i + k];
        for (int k = 0; k < W; k++)
            rule(pw.x[k], pm.x[k], pv.x[k], pg.x[k]);
        store(w + i, pw);
        store(m + i, pm);
        if constexpr (V)
            store(v + i, pv);
    };
    if (at + 4 <= t.size)
        part(at, Width<4>());
    else
        for (long long i = at; i < t.size; i++)
            part(i, Width<1>());
}

// AdamRule is the rule of adam.cu for one step of a replica.
struct AdamRule {
    float rate, correct2, beta1, beta2, epsilon;

    __device__ AdamRule(const Replica& r, float beta1, float beta2, float epsilon)
        : rate((float)((double)r.rate * (double)r.correct1)), correct2(r.correct2), beta1(beta1), beta2(beta2), epsilon(epsilon) {}

    __device__ void operator()(float& w, float& m, float& v, float g) const {
        m = fmaf(beta1, m, (1 - beta1) * g);
        v = fmaf(beta2, v, (1 - beta2) * g * g);
        w -= rate * m / (sqrtf(v * correct2) + epsilon);
    }
};
