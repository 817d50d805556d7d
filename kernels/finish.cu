// The end of a step's forward and backward pass: sums, the loss, and the numbers that the optimizer needs.
//
//	total[k] = Σᵢ parts[k][i]           lane l of a warp takes i = l, l + 32, …; lanes are added in pairs
//	rate     = η·schedule(step)         see Schedule.At of graph/update.go
//	correctⱼ = 1/(1 − βⱼ^(step+1))      the power is a product of step + 1 factors, one by one
//
// in float64. A loss that is not finite is written like any other and marks its replica as failed: the replica's weights
// and step stay as they are from there on.

#include "conclude.cuh"
#include "sum.cuh"

// Finish: 256 threads, gridDim.x = ⌈values/8⌉ where values = Σ size of the table's count entries. Adds up the partial sums.
// With losses not null the first entry is the loss (size 1), and it ends the forward and backward pass of the step: the
// loss goes to losses[(step mod capacity)·gridDim.y + replica]; if it is not finite, failed becomes the step; else rate,
// correct1 and correct2 are set for the optimizer and step grows by 1. Nothing of this happens to a replica that had failed.
extern "C" __global__ void Finish(const Reduction* sums, int count, int values, Replica* replicas, double* losses,
                                  int capacity, Schedule schedule) {
    const int value = blockIdx.x * (THREADS / 32) + threadIdx.x / 32, lane = threadIdx.x % 32;
    if (value >= values)
        return;
    int k = value; // of the reduction
    while (k >= sums->size) {
        k -= sums->size;
        sums++;
    }
    const double* const parts = sums->parts + blockIdx.y * sums->stride + (long long)k * sums->count;
    double sum = 0;
    for (int i = lane; i < sums->count; i += 32)
        sum += parts[i];
    sum = warp_sum(sum);
    if (lane != 0)
        return;
    sums->total[blockIdx.y * sums->stride + k] = sum;
    if (losses && value == 0) {
        Replica* const r = replicas + blockIdx.y;
        conclude(r, sum, losses + r->step % capacity * gridDim.y + blockIdx.y, schedule);
    }
}
