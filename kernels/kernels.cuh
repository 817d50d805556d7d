// The kernels of the CUDA executor: what cuda/ launches, with their arguments and launch geometry.
//
// Every operation lives in the .cu file beside its Go version and does the same arithmetic. All are extern "C", so that a
// module finds them by name. kernels.cu includes them all, and make kernels compiles it to one fatbin.
//
// Conventions
//
// Replicas. gridDim.y is the number of replicas and blockIdx.y the replica: it reads and writes data + blockIdx.y·stride.
// A stride of 0 shares the tensor. Results do not depend on gridDim.y.
//
// Alignment. data is aligned to 16 bytes, and strides are multiples of 4 float32 (8 bf16), so that elements may be
// moved four at a time. Numbers of elements and of columns may be anything from 1.
//
// Geometry. "flat": 256 threads, gridDim.x = ⌈n/1024⌉. "sums": 256 threads, gridDim.x = parts = min(⌈n/1024⌉, 1056).
// Any gridDim.x computes the same elements; the order of a sum depends on it alone, so it must be a function of the shapes.
//
// Sums. A kernel of geometry "sums" writes one partial sum for each block, the k-th number's at data[k·gridDim.x +
// blockIdx.x]. Finish adds them up in a fixed order. There are no atomics: the same run gives the same bits.
//
// In place. A destination may be one of the operands where the Go version says so. Nothing else may overlap.

#pragma once
#include "list.cuh"

// Tensor is a float32 tensor of every replica, row-major.
struct Tensor {
    float* data;
    long long stride; // float32 between replicas
};

// Halves is a bf16 tensor of every replica, row-major.
struct Halves {
    unsigned short* data;
    long long stride; // bf16 between replicas
};

// Sums are float64 numbers of every replica.
struct Sums {
    double* data;
    long long stride; // float64 between replicas
};

// Replica is what differs between the models that run side by side, and where each of them stands. 56 bytes.
struct Replica {
    unsigned long long seed;
    unsigned long long step;   // the step that runs; Finish adds 1
    unsigned long long failed; // the step whose loss was not finite, or NOT_FAILED. From there on the replica stands still.
    double learning_rate;      // at the schedule's peak
    float rate;                // of this step, and Adam's 1/(1−β₁ᵗ), 1/(1−β₂ᵗ): Finish writes them
    float correct1, correct2;
    int reserved[3];
};
constexpr unsigned long long NOT_FAILED = ~0ull;

// Law is what Law.Constants of laws.go returns: the constants of a replica's data law. 12 bytes.
struct Law {
    int limit;
    float scale, mean;
};

// Reduction is one entry of Finish's table: total[k] = Σᵢ parts[k·count + i] for k < size. 32 bytes.
struct Reduction {
    double* parts;
    double* total;
    long long stride; // float64 between replicas, of parts and of total
    int count, size;
};

// Schedule is graph.Schedule with Adam's decay rates; CONSTANT, COSINE, STEP_DOWN. 64 bytes.
struct Schedule {
    long long shape;
    unsigned long long warm_up, steps;
    double final;
    unsigned long long every;
    double factor;
    double beta1, beta2;
};
enum { CONSTANT, COSINE, STEP_DOWN };

// Weight is one entry of the optimizers' table. 96 bytes.
struct Weight {
    Tensor w, m, v;  // weight and moments; RMSProp keeps its mean square in m
    Tensor g;        // gradient; data is null where it is a sum
    Sums sum;        // the total of Finish, then
    long long size;  // elements
    long long first; // the first block that works on it: Σ⌈size/1024⌉ of the entries before
};

// Clip bounds the norm of all gradients together. 32 bytes.
struct Clip {
    Sums norms;      // the totals of GradNorm, side by side
    long long count; // how many. 0: no clipping
    double bound;
};

// cuda/layout.go has the same structures.
static_assert(sizeof(Replica) == 56 && sizeof(Law) == 12 && sizeof(Reduction) == 32, "layout");
static_assert(sizeof(Schedule) == 64 && sizeof(Weight) == 96 && sizeof(Clip) == 32, "layout");

extern "C" {

// Sample: see sample.go. Geometry: 256 threads, gridDim.x = ⌈n/2048⌉. Reads seed and step; laws has one entry for each
// replica.
__global__ void Sample(Tensor x, long long n, int law, unsigned stream, const Replica* replicas, const Law* laws);

// Normal: see sample.go. Geometry of Sample. Draws from N(0, std²).
__global__ void Normal(Tensor x, long long n, float std, unsigned stream, const Replica* replicas);

// Gather: see gather.go. Geometry: 256 threads, gridDim.x = ⌈rows·cols/2048⌉. Draws rows of the (data_rows, cols) that
// from holds; laws has the mask of each replica, a SPARSE_RADEMACHER.
__global__ void Gather(Tensor dst, Tensor from, long long data_rows, int rows, int cols, int in_order, unsigned stream,
                       const Replica* replicas, const Law* laws);

// SampleCodes: see codes.go. Geometry: 256 threads, gridDim.x = ⌈rows/8⌉. Magnitudes are from low to low + width.
__global__ void SampleCodes(Tensor dst, int rows, int cols, int support, float low, float width,
                            int with_signs, unsigned stream, const Replica* replicas);

// RowNormalize, RowNormalizeGrad: see row_normalize.go. Geometry: blockDim.x threads for each row, a power of two from 32 to
// 1024, best about cols/16; blockDim.y rows for each block, blockDim.x·blockDim.y at most 1024, and blockDim.y = 1 where
// blockDim.x > 32; gridDim.x = ⌈rows/blockDim.y⌉. inv_norm is (rows).
__global__ void RowNormalize(Tensor dst, Tensor inv_norm, Tensor w, int rows, int cols);
__global__ void RowNormalizeGrad(Tensor dw, Tensor db, Tensor bhat, Tensor inv_norm, int rows, int cols);

// Sign: see sign.go. flat. Writes ±1 to dst as float32 and to code as bf16; either data may be null. Reads seed and step.
__global__ void Sign(Tensor dst, Halves code, Tensor z, long long n, unsigned stream, const Replica* replicas);

// SignGrad: see sign_grad.go. flat.
__global__ void SignGrad(Tensor dz, Tensor dy, Tensor z, long long n, float tau);

// Denoise, DenoiseGrad, DenoiseMSE: sums, for every block prepares θ first. dtheta has as many numbers as the family has
// parameters; scale = 2/n, loss is Σ(f(u)−x)²/n. With du.data null DenoiseMSE computes the loss alone.
__global__ void Denoise(Tensor dst, Tensor u, Tensor theta, long long n, int family);
__global__ void DenoiseGrad(Tensor du, Sums dtheta, Tensor dout, Tensor u, Tensor theta, long long n, int family);
__global__ void DenoiseMSE(Tensor du, Sums loss, Sums dtheta, Tensor u, Tensor x, Tensor theta, long long n, float scale,
                           int family);

// Spline, SplineGrad, SplineMSE: the same for the splines, numbered as Family in families.go. See spline.go.
__global__ void Spline(Tensor dst, Tensor u, Tensor theta, long long n, int family);
__global__ void SplineGrad(Tensor du, Sums dtheta, Tensor dout, Tensor u, Tensor theta, long long n, int family);
__global__ void SplineMSE(Tensor du, Sums loss, Sums dtheta, Tensor u, Tensor x, Tensor theta, long long n, float scale,
                          int family);

// MSE: sums, loss = Σ(u−x)²/n. MSEGrad: sums, du = scale·(u−x) with scale = 2/n; loss.data may be null.
__global__ void MSE(Sums loss, Tensor u, Tensor x, long long n);
__global__ void MSEGrad(Tensor du, Sums loss, Tensor u, Tensor x, long long n, float scale);

// Dot: sums, Σ a·b. GradNorm: sums, Σ g². GradNormSums: sums, Σ float32(g)² over n totals of Finish.
__global__ void Dot(Sums dot, Tensor a, Tensor b, long long n);
__global__ void GradNorm(Sums norm2, Tensor g, long long n);
__global__ void GradNormSums(Sums norm2, Sums g, long long n);

// Scale: flat, dst = w[k]·a; also MergeGradInput. Add: flat.
__global__ void Scale(Tensor dst, Tensor a, Tensor w, int k, long long n);
__global__ void Add(Tensor dst, Tensor a, Tensor b, long long n);

// Merge: flat, dst = w[0]·a + w[1]·b. MergeGrad: sums, dw is 2 numbers; da.data and db.data may be null (MergeGradWeights).
__global__ void Merge(Tensor dst, Tensor a, Tensor b, Tensor w, long long n);
__global__ void MergeGrad(Tensor da, Tensor db, Sums dw, Tensor dout, Tensor a, Tensor b, Tensor w, long long n);

// Bias: flat in n = rows·cols. BiasGrad: 256 threads, gridDim.x = ⌈cols/32⌉·parts with parts = min(⌈rows/128⌉, 64); the
// partial sums of column j are dc[j·parts + part].
__global__ void Bias(Tensor dst, Tensor x, Tensor c, int rows, int cols);
__global__ void BiasGrad(Sums dc, Tensor dy, int rows, int cols, int parts);

// ReLU, ReLUGrad, Tanh, TanhGrad: flat.
__global__ void ReLU(Tensor dst, Tensor x, long long n);
__global__ void ReLUGrad(Tensor dx, Tensor dy, Tensor y, long long n);
__global__ void Tanh(Tensor dst, Tensor x, long long n);
__global__ void TanhGrad(Tensor dx, Tensor dy, Tensor y, long long n);

// Threshold, SupportGrad: see threshold.go. flat.
__global__ void Threshold(Tensor dst, Tensor x, long long n, float lambda);
__global__ void SupportGrad(Tensor dx, Tensor dy, Tensor y, long long n);

// Split: flat in n = rows·cols. Writes x as a sum of count = 1, 2 or 3 bf16: element (i, j) of part p is
// dst[p·part + i·ld + j].
__global__ void Split(Halves dst, long long part, long long ld, Tensor x, int rows, int cols, int count);

// Finish: 256 threads, gridDim.x = ⌈values/8⌉ where values = Σ size of the table's count entries. Adds up the partial sums.
// With losses not null the first entry is the loss (size 1), and it ends the forward and backward pass of the step: the
// loss goes to losses[(step mod capacity)·gridDim.y + replica]; if it is not finite, failed becomes the step; else rate,
// correct1 and correct2 are set for the optimizer and step grows by 1. Nothing of this happens to a replica that had failed.
__global__ void Finish(const Reduction* sums, int count, int values, Replica* replicas, double* losses, int capacity,
                       Schedule schedule);

// Adam, Momentum, RMSProp: 256 threads, gridDim.x = Σ⌈size/1024⌉ over the table's count entries. A replica that has
// failed keeps its weights.
__global__ void Adam(const Weight* weights, int count, Clip clip, float beta1, float beta2, float epsilon,
                     const Replica* replicas);
__global__ void Momentum(const Weight* weights, int count, Clip clip, float mu, const Replica* replicas);
__global__ void RMSProp(const Weight* weights, int count, Clip clip, float rho, float epsilon, const Replica* replicas);

// Normalised: see normalised.go. Geometry of RowNormalize, one launch for each weight; g.data is null where the gradient
// is the total of a sum. A vector is one row, and not on the sphere. Project: the same geometry, after the update of another
// rule. Decay: flat, b = factor·b. None of them touches a replica that has failed.
__global__ void Normalised(Tensor w, Tensor g, Sums sum, int rows, int cols, int on_sphere, Clip clip,
                           const Replica* replicas);
__global__ void Project(Tensor w, int rows, int cols, const Replica* replicas);
__global__ void Decay(Tensor b, long long n, float factor, const Replica* replicas);

} // extern "C"
