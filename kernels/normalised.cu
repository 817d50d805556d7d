// Normalised gradient descent on one weight: see normalised.go.
//
//	w_i = (w_i − rate·g_i)/‖w_i − rate·g_i‖      or without the norm, for a vector
//
// Project is the second half alone, after the update of another rule.
//
// rate is the step's times the factor that clips. The threads of a row write the difference and come back to it with the
// norm, which a thread adds up in float64 and the threads as in row.cuh. A row that becomes zero stays zero; a NaN makes
// its row NaN.

#include "row.cuh"
#include "update.cuh"

// gradient returns element i of g, or of sum where g is a sum.
__device__ inline float gradient(Tensor g, Sums sum, long long i) {
    return g.data ? data(g)[i] : (float)sum.data[blockIdx.y * sum.stride + i];
}

// Normalised: see normalised.go. Geometry of RowNormalize, one launch for each weight; g.data is null where the gradient
// is the total of a sum. A vector is one row, and not on the sphere. Project: the same geometry, after the update of another
// rule. Decay: flat, b = factor·b. None of them touches a replica that has failed.
extern "C" __global__ void __launch_bounds__(512) Normalised(Tensor w, Tensor g, Sums sum, int rows, int cols, int on_sphere, Clip clip, const Replica* replicas) {
    const long long i = (long long)blockIdx.x * blockDim.y + threadIdx.y, at = i * cols;
    if (i >= rows || replicas[blockIdx.y].failed != NOT_FAILED)
        return;
    const float rate = replicas[blockIdx.y].rate * scale(clip);
    float* const row = data(w) + at;
    double norm2 = 0;
    for (int j = threadIdx.x; j < cols; j += blockDim.x) {
        const float x = fmaf(-rate, gradient(g, sum, at + j), row[j]);
        norm2 += (double)x * x;
        row[j] = x;
    }
    if (!on_sphere)
        return;
    const float factor = inverse_norm(row_sum(norm2));
    for (int j = threadIdx.x; j < cols; j += blockDim.x)
        row[j] *= factor;
}

extern "C" __global__ void __launch_bounds__(512) Project(Tensor w, int rows, int cols, const Replica* replicas) {
    const long long i = (long long)blockIdx.x * blockDim.y + threadIdx.y;
    if (i >= rows || replicas[blockIdx.y].failed != NOT_FAILED)
        return;
    float* const row = data(w) + i * cols;
    double norm2 = 0;
    for (int j = threadIdx.x; j < cols; j += blockDim.x)
        norm2 += (double)row[j] * row[j];
    const float factor = inverse_norm(row_sum(norm2));
    for (int j = threadIdx.x; j < cols; j += blockDim.x)
        row[j] *= factor;
}
