// Adam over all weights of a model in one launch: see adam.go.
//
//	g′    = scale·g[i]                          scale ≤ 1 clips the gradients' norm
//	m[i]  = β₁·m[i] + (1−β₁)·g′
//	v[i]  = β₂·v[i] + (1−β₂)·g′²
//	w[i] −= η·(m[i]·correct1)/(√(v[i]·correct2) + ε)
//
// The roundings are those of adam.go. NaN in g makes w, m and v NaN at that index.

#include "update.cuh"

// Adam, Momentum, RMSProp: 256 threads, gridDim.x = Σ⌈size/1024⌉ over the table's count entries. A replica that has
// failed keeps its weights.
extern "C" __global__ void Adam(const Weight* weights, int count, Clip clip, float beta1, float beta2, float epsilon,
                                const Replica* replicas) {
    const AdamRule rule(replicas[blockIdx.y], beta1, beta2, epsilon);
    const float factor = scale(clip);
    update<true>(weights, count, replicas, [&](float& w, float& m, float& v, float g) { rule(w, m, v, factor * g); });
}
