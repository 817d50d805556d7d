// Kernels with a planted error each, and clean ones, for planted_test.cpp: blocks of 64 threads, and n numbers.

constexpr int N = 64;

// Reversed reads what another thread wrote, behind a barrier.
extern "C" __global__ void Reversed(float* x) {
    __shared__ float all[N];
    all[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = all[N - 1 - threadIdx.x];
}

// NoBarrier is Reversed without it.
extern "C" __global__ void NoBarrier(float* x) {
    __shared__ float all[N];
    all[threadIdx.x] = x[threadIdx.x];
    x[threadIdx.x] = all[N - 1 - threadIdx.x];
}

// NoSecondBarrier overwrites what another thread may still have to read. Every byte that is read has been written.
extern "C" __global__ void NoSecondBarrier(float* x) {
    __shared__ float all[N];
    all[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    const float other = all[N - 1 - threadIdx.x];
    all[threadIdx.x] = 2 * other;
    __syncthreads();
    x[threadIdx.x] = all[N - 1 - threadIdx.x];
}

// Halves reads what other lanes of the warp wrote, behind a barrier of the warp.
extern "C" __global__ void Halves(float* x) {
    __shared__ float all[N];
    all[threadIdx.x] = x[threadIdx.x];
    __syncwarp();
    x[threadIdx.x] = all[threadIdx.x ^ 31];
}

// AcrossWarps trusts the same barrier for two warps.
extern "C" __global__ void AcrossWarps(float* x) {
    __shared__ float all[N];
    all[threadIdx.x] = x[threadIdx.x];
    __syncwarp();
    x[threadIdx.x] = all[threadIdx.x ^ 32];
}

// GlobalRace lets all threads write one number.
extern "C" __global__ void GlobalRace(float* x) {
    x[0] = (float)threadIdx.x;
}

// Neighbours reads from global memory what the next thread writes.
extern "C" __global__ void Neighbours(float* x) {
    const float next = x[(threadIdx.x + 1) % N];
    x[threadIdx.x] = next;
}

// Blocks lets two blocks write one number: no barrier could help.
extern "C" __global__ void Blocks(float* x) {
    __syncthreads();
    if (threadIdx.x == 0)
        x[0] = (float)blockIdx.x;
}

// Misaligned moves four numbers at a time from the second on.
extern "C" __global__ void Misaligned(float* x) {
    if (threadIdx.x == 0)
        *reinterpret_cast<float4*>(x + 1) = make_float4(1, 2, 3, 4);
}

// MisalignedLoad reads a double from the second number.
extern "C" __global__ void MisalignedLoad(float* x) {
    if (threadIdx.x == 0)
        x[0] = (float)*reinterpret_cast<double*>(x + 1);
}

// Beyond writes one number more than there are.
extern "C" __global__ void Beyond(float* x) {
    x[threadIdx.x + 1] = 0;
}

// Before reads the number before the first.
extern "C" __global__ void Before(float* x) {
    if (threadIdx.x == 0)
        x[0] = x[-1];
}

// Null reads where nothing is.
extern "C" __global__ void Null(float* x, const float* nothing) {
    x[threadIdx.x] = nothing[threadIdx.x];
}

// Unwritten reads numbers of shared memory that nobody wrote: only the first half is.
extern "C" __global__ void Unwritten(float* x) {
    __shared__ float all[N];
    if (threadIdx.x < N / 2)
        all[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = all[N - 1 - threadIdx.x];
}

// LeftOver reads what the block before it wrote.
extern "C" __global__ void LeftOver(float* x) {
    __shared__ float all[N];
    if (blockIdx.x == 0)
        all[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = all[threadIdx.x];
}

// SharedBeyond writes to shared memory behind the variable, and before the next one.
extern "C" __global__ void SharedBeyond(float* x) {
    __shared__ float first[N], second[N];
    first[threadIdx.x] = x[threadIdx.x];
    second[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = first[(threadIdx.x + 1) % N] + second[threadIdx.x + 1];
}

// LocalBeyond reads a thread's own array beyond its end. step is 1.
extern "C" __global__ void LocalBeyond(float* x, int step) {
    float own[4];
    for (int i = 0; i < 4; i++)
        own[i * step & 3] = (float)i;
    x[threadIdx.x] = own[(int)threadIdx.x * step];
}

// LocalUnwritten reads an element of a thread's own array that it has not written: it gets a NaN. step is 1.
extern "C" __global__ void LocalUnwritten(float* x, int step) {
    float own[4];
    for (int i = 0; i < 3; i++)
        own[i * step] = (float)i;
    if (threadIdx.x == 0)
        x[0] = own[3 * step];
}

// Local uses such an array well. step is 1.
extern "C" __global__ void Local(float* x, int step) {
    float own[4];
    for (int i = 0; i < 4; i++)
        own[i * step] = (float)(i + 1);
    x[threadIdx.x] = own[threadIdx.x * step & 3];
}

// HalfBarrier lets only half of the threads reach one barrier, and the others another.
extern "C" __global__ void HalfBarrier(float* x) {
    __shared__ float all[N];
    if (threadIdx.x < N / 2) {
        all[threadIdx.x] = x[threadIdx.x];
        __syncthreads();
        x[threadIdx.x] = all[0];
    } else {
        all[threadIdx.x] = 2 * x[threadIdx.x];
        __syncthreads();
        x[threadIdx.x] = all[N - 1];
    }
}

// HalfShuffle lets half of a warp exchange numbers.
extern "C" __global__ void HalfShuffle(float* x) {
    if (threadIdx.x % 32 < 16)
        x[threadIdx.x] = __shfl_xor_sync(0xffffffff, x[threadIdx.x], 1);
}

__device__ void multiply(float (&d)[4]) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %4, %4, %4}, {%4, %4}, {%0, %1, %2, %3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(0x3f803f80));
}

__device__ float first_of(const void* row) {
    unsigned d[4];
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"((unsigned)__cvta_generic_to_shared(row)) : "memory");
    return __uint_as_float(d[0]);
}

// Multiply multiplies matrices of ones.
extern "C" __global__ void Multiply(float* x) {
    float d[4] = {0, 0, 0, x[threadIdx.x]};
    multiply(d);
    x[threadIdx.x] = d[3];
}

// HalfMultiply lets half of a warp multiply.
extern "C" __global__ void HalfMultiply(float* x) {
    float d[4] = {0, 0, 0, x[threadIdx.x]};
    if (threadIdx.x % 32 < 16)
        multiply(d);
    x[threadIdx.x] = d[3];
}

// TwoMultiplies lets the halves of a warp multiply at two places.
extern "C" __global__ void TwoMultiplies(float* x) {
    float d[4] = {0, 0, 0, x[threadIdx.x]};
    if (threadIdx.x % 32 < 16) {
        multiply(d);
        x[threadIdx.x] = d[3];
    } else {
        d[0] = 1;
        multiply(d);
        x[threadIdx.x] = d[0];
    }
}

// Matrix loads matrices whose rows are four numbers: a lane has a number of its own warp's first eight rows.
extern "C" __global__ void Matrix(float* x) {
    __shared__ __align__(16) float all[4 * N];
    for (int i = 0; i < 4; i++)
        all[4 * threadIdx.x + i] = x[threadIdx.x] + 100 * i;
    __syncwarp();
    x[threadIdx.x] = first_of(all + 4 * threadIdx.x);
}

// MatrixRace lacks the barrier: another lane loads the row that this lane wrote.
extern "C" __global__ void MatrixRace(float* x) {
    __shared__ __align__(16) float all[4 * N];
    for (int i = 0; i < 4; i++)
        all[4 * threadIdx.x + i] = x[threadIdx.x];
    __syncthreads();
    for (int i = 0; i < 4; i++)
        all[4 * threadIdx.x + i] = 2 * x[threadIdx.x];
    x[threadIdx.x] = first_of(all + 4 * (threadIdx.x ^ 32));
}

// MisalignedMatrix loads rows that begin at any number.
extern "C" __global__ void MisalignedMatrix(float* x) {
    __shared__ __align__(16) float all[2 * N];
    all[threadIdx.x] = all[threadIdx.x + N] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = first_of(all + threadIdx.x);
}

// UnwrittenMatrix loads a row of which three numbers are written.
extern "C" __global__ void UnwrittenMatrix(float* x) {
    __shared__ __align__(16) float all[4 * N];
    for (int i = 0; i < 3; i++)
        all[4 * threadIdx.x + i] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = first_of(all + 4 * threadIdx.x);
}

// Trap ends with an error.
extern "C" __global__ void Trap(float* x) {
    if (threadIdx.x == 5)
        __trap();
    x[threadIdx.x] = 1;
}

// Dynamic is Reversed with shared memory whose size the launch says.
extern "C" __global__ void Dynamic(float* x) {
    extern __shared__ float open[];
    open[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = open[blockDim.x - 1 - threadIdx.x];
}

// Reader reads and other threads read: no race. Then one thread writes, behind a barrier.
extern "C" __global__ void Reader(float* x) {
    float sum = 0;
    for (int i = 0; i < N; i++)
        sum += x[i];
    __syncthreads();
    x[threadIdx.x] = sum;
}
