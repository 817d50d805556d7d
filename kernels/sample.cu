// Random samples of the data laws: see laws.go for the laws and sample.go for the layout of the random words.
//
//	x[i] = element i of the sequence of (seed, stream, step)
//
// The integers and, but for the square root's last bits, the roundings are those of sample.go. A thread draws four
// neighbouring counters, the elements 32k + 4q … + 3 and 16 further. Past a ragged end nothing is written.

#include "law.cuh"
#include "vector.cuh"

// put writes four elements from i on, as far as there are n.
__device__ inline void put(float* x, long long i, long long n, const Pack<4>& p) {
    if (i + 4 <= n)
        store(x + i, p);
    else
#pragma unroll
        for (int k = 0; k < 3; k++)
            if (i + k < n)
                x[i + k] = p.x[k];
}

template <int K> __device__ inline void sample(float* x, long long n, unsigned stream, const Replica& r, const Law& law) {
    const long long quads = (n + 31) / 32 * 4, step = (long long)gridDim.x * blockDim.x;
    for (long long q = (long long)blockIdx.x * blockDim.x + threadIdx.x; q < quads; q += step) {
        Pack<4> a, b;
#pragma unroll
        for (int k = 0; k < 4; k++)
            draw<K>(philox((unsigned)(4 * q) + k, stream, r.step, r.seed), law, &a.x[k], &b.x[k]);
        const long long i = q / 4 * 32 + q % 4 * 4;
        put(x, i, n, a);
        put(x, i + 16, n, b);
    }
}

// Sample: see sample.go. Geometry: 256 threads, gridDim.x = ⌈n/2048⌉. Reads seed and step; laws has one entry for each
// replica.
extern "C" __global__ void Sample(Tensor x, long long n, int law, unsigned stream, const Replica* replicas,
                                  const Law* laws) {
    const Replica& r = replicas[blockIdx.y];
    const Law& l = laws[blockIdx.y];
    switch (law) {
#define ROW(K) \
    case K: return sample<K>(data(x), n, stream, r, l);
        LAWS(ROW)
#undef ROW
    }
    __trap(); // no law
}

// Normal draws from N(0, std²).
//
// Normal: see sample.go. Geometry of Sample. Draws from N(0, std²).
extern "C" __global__ void Normal(Tensor x, long long n, float std, unsigned stream, const Replica* replicas) {
    sample<GAUSSIAN>(data(x), n, stream, replicas[blockIdx.y], Law{0, std, 0});
}
