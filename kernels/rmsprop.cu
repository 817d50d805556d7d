// RMSProp over all weights of a model in one launch: see rmsprop.go.
//
//	g′    = scale·g[i]                 scale ≤ 1 clips the gradients' norm
//	v[i]  = rho·v[i] + (1−rho)·g′²     v is the table's m
//	w[i] −= η·g′/√(v[i] + epsilon)
//
// The roundings are those of rmsprop.go. NaN in g makes w and v NaN at that index.

#include "update.cuh"

extern "C" __global__ void RMSProp(const Weight* weights, int count, Clip clip, float rho, float epsilon,
                                   const Replica* replicas) {
    const float rate = replicas[blockIdx.y].rate, factor = scale(clip);
    update<false>(weights, count, replicas, [&](float& w, float& v, float&, float g) {
        g *= factor;
        v = fmaf(rho, v, (1 - rho) * g * g);
        w -= rate * g / sqrtf(v + epsilon);
    });
}
