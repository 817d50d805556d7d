// Gradient descent with heavy-ball momentum over all weights of a model in one launch: see momentum.go.
//
//	m[i]  = mu·m[i] + scale·g[i]       scale ≤ 1 clips the gradients' norm
//	w[i] −= η·m[i]
//
// The roundings are those of momentum.go. NaN in g makes w and m NaN at that index.

#include "update.cuh"

extern "C" __global__ void Momentum(const Weight* weights, int count, Clip clip, float mu, const Replica* replicas) {
    const float rate = replicas[blockIdx.y].rate, factor = scale(clip);
    update<false>(weights, count, replicas, [&](float& w, float& m, float&, float g) {
        m = fmaf(mu, m, factor * g);
        w = fmaf(-rate, m, w);
    });
}
