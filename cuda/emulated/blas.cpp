// An emulated cuBLAS: the calls that package cuda makes, on the emulated driver.
//
// C = alpha·op(A)·op(B) + beta·C, column-major, summed in float32 with fused multiply-adds: in the order of the inner index, or as
// AUTOAMP_EMULATED_SUMS says, backwards or in halves that are added up (split K). bf16 operands are widened. TF32 keeps 11 bits of float32 operands: it truncates them, as the tensor cores of Hopper do, or
// rounds them, ties away from zero. As in cuBLAS, C is not
// read where beta is 0.

#include <cublas_v2.h>

#include "driver.h"
#include "sums.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <set>
#include <vector>

struct cublasContext {
    CUcontext context; // current when the handle was made
    CUstream stream = nullptr;
    cublasMath_t mode = CUBLAS_DEFAULT_MATH;
    char* workspace = nullptr;
    size_t bytes = 0; // of the workspace
};

namespace {

struct Operand {
    const void* data;
    cudaDataType type;
    int ld;
    long long stride;
    bool transposed;

    bool valid(int rows, int cols) const {
        return (type == CUDA_R_32F || type == CUDA_R_16BF) && ld >= std::max(1, transposed ? cols : rows) && data;
    }

    float at(long long i) const {
        if (type == CUDA_R_32F)
            return static_cast<const float*>(data)[i];
        const uint32_t bits = (uint32_t) static_cast<const uint16_t*>(data)[i] << 16;
        float x;
        memcpy(&x, &bits, 4);
        return x;
    }
};

float tf32(float x) {
    if (!std::isfinite(x))
        return x;
    uint32_t bits;
    memcpy(&bits, &x, 4);
    bits = (bits + (emulated_tf32_rounds() ? 0x1000 : 0)) & ~0x1fffu;
    memcpy(&x, &bits, 4);
    return x;
}

const Sums sums = order_of_sums();

// gather writes op(M), (rows, cols), column-major without gaps.
void gather(std::vector<float>& to, const Operand& m, int batch, int rows, int cols, bool rounded) {
    to.resize((size_t)rows * cols);
    const long long base = batch * m.stride;
    for (int j = 0; j < cols; j++)
        for (int i = 0; i < rows; i++) {
            const float x = m.at(base + (m.transposed ? (long long)i * m.ld + j : (long long)j * m.ld + i));
            to[(size_t)j * rows + i] = rounded ? tf32(x) : x;
        }
}

// multiply adds a·b to c, all column-major, b's columns ld apart: a column of c at a time, in four columns of a.
void multiply(float* __restrict c, const float* __restrict a, const float* __restrict b, int m, int n, int k, int ld) {
    for (int j = 0; j < n; j++, c += m, b += ld) {
        int l = 0;
        for (; l + 4 <= k; l += 4) {
            const float *a0 = a + (size_t)l * m, *a1 = a0 + m, *a2 = a1 + m, *a3 = a2 + m;
            const float b0 = b[l], b1 = b[l + 1], b2 = b[l + 2], b3 = b[l + 3];
            for (int i = 0; i < m; i++)
                c[i] = c[i] + a0[i] * b0 + a1[i] * b1 + a2[i] * b2 + a3[i] * b3;
        }
        for (; l < k; l++)
            for (int i = 0; i < m; i++)
                c[i] += a[(size_t)l * m + i] * b[l];
    }
}

// reverse turns the inner index of count vectors around: k numbers at a distance, the vectors at another.
void reverse(std::vector<float>& x, int count, int k, int step, int distance) {
    for (int i = 0; i < count; i++)
        for (int l = 0; l < k / 2; l++)
            std::swap(x[(size_t)i * distance + (size_t)l * step], x[(size_t)i * distance + (size_t)(k - 1 - l) * step]);
}

struct Product {
    int m, n, k;
    float alpha, beta;
    Operand a, b;
    float* c;
    int ld;
    long long stride;
    int batch;
    bool rounded;

    // add_up adds left·right to sum.
    void add_up(std::vector<float>& sum, std::vector<float>& left, std::vector<float>& right) const {
        if (sums == Sums::BACKWARDS) {
            reverse(left, m, k, m, 1);
            reverse(right, n, k, 1, k);
        }
        if (sums != Sums::HALVES)
            return multiply(sum.data(), left.data(), right.data(), m, n, k, k);
        const int half = k / 2;
        std::vector<float> second(sum.size());
        multiply(sum.data(), left.data(), right.data(), m, n, half, k);
        multiply(second.data(), left.data() + (size_t)half * m, right.data() + half, m, n, k - half, k);
        for (size_t i = 0; i < sum.size(); i++)
            sum[i] += second[i];
    }

    CUresult run() const {
        std::vector<float> left, right, sum;
        for (int r = 0; r < batch; r++) {
            gather(left, a, r, m, k, rounded && a.type == CUDA_R_32F);
            gather(right, b, r, k, n, rounded && b.type == CUDA_R_32F);
            sum.assign((size_t)m * n, 0);
            add_up(sum, left, right);
            for (int j = 0; j < n; j++)
                for (int i = 0; i < m; i++) {
                    float& to = c[r * stride + (long long)j * ld + i];
                    to = alpha * sum[(size_t)j * m + i] + (beta == 0 ? 0 : beta * to);
                }
        }
        return CUDA_SUCCESS;
    }
};

// scribble writes NaN to both ends of a workspace: what else lies there is lost, as it may be in cuBLAS.
void scribble(char* workspace, size_t bytes) {
    if (!workspace)
        return;
    const size_t part = std::min<size_t>(bytes, 4096);
    memset(workspace, 0xff, part);
    memset(workspace + bytes - part, 0xff, part);
}

cublasStatus_t refuse(const char* why) {
    fprintf(stderr, "emulated cuBLAS: %s\n", why);
    return CUBLAS_STATUS_INTERNAL_ERROR;
}

// major is the version that the library's file is named after: a copy under another name is another version.
int major() {
    Dl_info library;
    const char* const name = dladdr(reinterpret_cast<void*>(&cublasCreate_v2), &library) ? strstr(library.dli_fname, ".so.") : nullptr;
    return name ? atoi(name + 4) : CUBLAS_VER_MAJOR;
}

CUcontext current() {
    CUcontext c = nullptr;
    return cuCtxGetCurrent(&c) == CUDA_SUCCESS ? c : nullptr;
}

// usable refuses a handle of another context than the current one: what it holds is there.
cublasStatus_t usable(cublasHandle_t handle) {
    return handle->context == current() ? CUBLAS_STATUS_SUCCESS : refuse("the handle is of another context");
}

// waits refuses a call that allocates or waits during a capture.
cublasStatus_t waits(const char* call) {
    if (emulated_capture(nullptr) == Capture::NONE)
        return CUBLAS_STATUS_SUCCESS;
    emulated_invalidate();
    return refuse(call);
}

// The library's state in each context: the contexts that it has seen, by device, and the kernels that it has loaded there. It
// loads a kernel at the first product that needs it.
std::mutex lock;
std::map<CUdevice, CUcontext> contexts;
std::map<CUcontext, std::set<std::vector<int>>> loaded;

// What the library takes of the device's memory at the first product of a context, and at the first of each further kind.
constexpr size_t FIRST = 128 << 20, FURTHER = 1 << 20;

// load loads the kernel of a kind of product into the current context, and reports whether it had to, and whether it could.
std::pair<bool, bool> load(const std::vector<int>& kind) {
    std::lock_guard<std::mutex> guard(lock);
    auto& kinds = loaded[current()];
    if (kinds.count(kind))
        return {false, true};
    if (!emulated_grow(kinds.empty() ? FIRST : FURTHER))
        return {true, false};
    kinds.insert(kind);
    return {true, true};
}

// capturable refuses what cannot become part of a graph.
cublasStatus_t capturable(cublasHandle_t handle, bool first) {
    const Capture capture = emulated_capture(handle->stream);
    const char* why = nullptr;
    if (capture == Capture::ANOTHER)
        why = "a product on another stream than the captured one";
    else if (capture == Capture::THIS && !handle->workspace)
        why = "a product without a workspace in a capture";
    else if (capture == Capture::THIS && first)
        why = "the first product of its kind, which loads a kernel, in a capture";
    if (!why)
        return CUBLAS_STATUS_SUCCESS;
    emulated_invalidate();
    return refuse(why);
}

} // namespace

extern "C" {

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
    if (!emulated_cublas(major()))
        return CUBLAS_STATUS_NOT_INITIALIZED;
    CUdevice device;
    const CUcontext c = current();
    if (!c || cuCtxGetDevice(&device) != CUDA_SUCCESS)
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (cublasStatus_t err = waits("a handle is made in a capture"))
        return err;
    std::lock_guard<std::mutex> guard(lock);
    if (contexts.emplace(device, c).first->second != c) {
        fprintf(stderr, "emulated cuBLAS: the context that it had state in was reset\n");
        return CUBLAS_STATUS_NOT_INITIALIZED;
    }
    *handle = new cublasContext{c};
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
    if (cublasStatus_t err = usable(handle))
        return err;
    if (cublasStatus_t err = waits("a handle is destroyed in a capture"))
        return err;
    delete handle;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGetProperty(libraryPropertyType type, int* value) {
    *value = type == MAJOR_VERSION ? major() : type == MINOR_VERSION ? CUBLAS_VER_MINOR : CUBLAS_VER_PATCH;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGetVersion_v2(cublasHandle_t, int* version) {
    *version = CUBLAS_VERSION;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
    handle->stream = stream;
    handle->workspace = nullptr; // as the documentation says
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, size_t bytes) {
    if (bytes != 0 && (!workspace || reinterpret_cast<uintptr_t>(workspace) % 256 != 0))
        return CUBLAS_STATUS_INVALID_VALUE;
    handle->workspace = bytes ? static_cast<char*>(workspace) : nullptr;
    handle->bytes = bytes;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
    handle->mode = mode;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t transA, cublasOperation_t transB, int m,
                                          int n, int k, const void* alpha, const void* A, cudaDataType typeA, int lda,
                                          long long strideA, const void* B, cudaDataType typeB, int ldb, long long strideB,
                                          const void* beta, void* C, cudaDataType typeC, int ldc, long long strideC,
                                          int batch, cublasComputeType_t compute, cublasGemmAlgo_t) {
    const Operand a{A, typeA, lda, strideA, transA != CUBLAS_OP_N}, b{B, typeB, ldb, strideB, transB != CUBLAS_OP_N};
    if (m < 0 || n < 0 || k < 0 || batch < 0 || !a.valid(m, k) || !b.valid(k, n) || ldc < std::max(1, m) || !C)
        return CUBLAS_STATUS_INVALID_VALUE;
    if ((compute != CUBLAS_COMPUTE_32F && compute != CUBLAS_COMPUTE_32F_FAST_TF32) || typeC != CUDA_R_32F || typeA != typeB)
        return CUBLAS_STATUS_NOT_SUPPORTED;
    if (cublasStatus_t err = usable(handle))
        return err;
    const float* const scale = static_cast<const float*>(beta);
    const auto [first, fits] = load({transA, transB, m, n, k, typeA, *scale != 0, batch, compute});
    if (cublasStatus_t err = capturable(handle, first))
        return err;
    if (!fits)
        return CUBLAS_STATUS_ALLOC_FAILED;
    const bool rounded = compute == CUBLAS_COMPUTE_32F_FAST_TF32 || (handle->mode & 0xf) == CUBLAS_TF32_TENSOR_OP_MATH;
    const Product p{m,
                    n,
                    k,
                    *static_cast<const float*>(alpha),
                    *scale,
                    a,
                    b,
                    static_cast<float*>(C),
                    ldc,
                    strideC,
                    batch,
                    rounded};
    const auto work = [p, workspace = handle->workspace, bytes = handle->bytes] {
        scribble(workspace, bytes);
        return p.run();
    };
    return emulated_enqueue(handle->stream, handle->workspace, work) == CUDA_SUCCESS ? CUBLAS_STATUS_SUCCESS
                                                                                     : CUBLAS_STATUS_EXECUTION_FAILED;
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t transA, cublasOperation_t transB, int m, int n, int k,
                            const void* alpha, const void* A, cudaDataType typeA, int lda, const void* B, cudaDataType typeB,
                            int ldb, const void* beta, void* C, cudaDataType typeC, int ldc, cublasComputeType_t compute,
                            cublasGemmAlgo_t algorithm) {
    return cublasGemmStridedBatchedEx(handle, transA, transB, m, n, k, alpha, A, typeA, lda, 0, B, typeB, ldb, 0, beta, C,
                                      typeC, ldc, 0, 1, compute, algorithm);
}

} // extern "C"
