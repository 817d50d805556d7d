// A bias that shrinks by a factor in every step.
//
//	b[i] = factor·b[i]
//
// NaN and Inf follow IEEE arithmetic. A replica whose loss was not finite keeps its bias.

#include "vector.cuh"

extern "C" __global__ void Decay(Tensor b, long long n, float factor, const Replica* replicas) {
    if (replicas[blockIdx.y].failed == NOT_FAILED)
        map(b, b, n, [&](float x) { return factor * x; });
}
