// The kernels of the CUDA executor: what cuda/ launches, with their arguments and launch geometry.
//
// Every operation lives in the .cu file beside its Go version and does the same arithmetic; there stands its geometry too. All
// begin with extern "C" __global__ void, so that a module and the emulated driver find them by name. ../fatbin/kernels.cu
// includes them all, and make kernels compiles it to one fatbin.
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

// Replica is what differs between the models that run side by side, and where each of them stands. 64 bytes.
struct Replica {
    unsigned long long seed;
    unsigned long long step;   // the step that runs; Finish adds 1
    unsigned long long failed; // the step whose loss was not finite, or NOT_FAILED. From there on the replica stands still.
    double learning_rate;      // at the schedule's peak
    double power1, power2;     // β₁ᵗ and β₂ᵗ of the steps before this one
    float rate;                // of this step, and Adam's 1/(1−β₁ᵗ), 1/(1−β₂ᵗ): Finish writes them
    float correct1, correct2;
    int reserved;
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
static_assert(sizeof(Replica) == 64 && sizeof(Law) == 12 && sizeof(Reduction) == 32, "layout");
static_assert(sizeof(Schedule) == 64 && sizeof(Weight) == 96 && sizeof(Clip) == 32, "layout");
