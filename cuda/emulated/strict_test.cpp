// Tests of what the driver refuses, with the codes of CUDA's documentation. The tests in Go would pass on a lenient driver
// whatever they do.

#include "state.h"

#include <cublas_v2.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace {

void expect(CUresult got, CUresult want, const std::string& what) {
    if (got == want)
        return;
    const char *a = "?", *b = "?";
    cuGetErrorName(got, &a), cuGetErrorName(want, &b);
    fprintf(stderr, "strict_test: %s: %s, want %s\n", what.c_str(), a, b), exit(1);
}

void check(bool ok, const char* what) {
    if (!ok)
        fprintf(stderr, "strict_test: %s\n", what), exit(1);
}

void must(CUresult got) {
    expect(got, CUDA_SUCCESS, "a call that is allowed");
}

std::string fatbin() {
    std::ifstream file(FATBIN, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Rig is a device with a module, two streams and memory.
struct Rig {
    CUcontext context;
    std::string image = fatbin();
    CUmodule module;
    CUstream stream, other;
    CUdeviceptr memory;
    void* pinned;

    Rig() {
        must(cuDevicePrimaryCtxRetain(&context, 0));
        must(cuCtxSetCurrent(context));
        must(cuModuleLoadData(&module, image.data()));
        must(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
        must(cuStreamCreate(&other, CU_STREAM_NON_BLOCKING));
        must(cuMemAlloc(&memory, 1 << 20));
        must(cuMemAllocHost(&pinned, 4096));
    }

    ~Rig() {
        must(cuStreamDestroy(stream));
        must(cuStreamDestroy(other));
        must(cuModuleUnload(module));
        must(cuMemFree(memory));
        must(cuMemFreeHost(pinned));
    }
};

// refused captures a call that CUDA forbids meanwhile: the call fails, and the capture is invalid until it ends.
void refused(const Rig& r, CUstream s, const std::string& what, CUresult want, const std::function<CUresult()>& call) {
    must(cuStreamBeginCapture(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    expect(call(), want, what);
    expect(cuMemsetD32Async(r.memory, 0, 1, s), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, what + ": more work");
    CUgraph graph;
    expect(cuStreamEndCapture(s, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, what + ": the end of its capture");
    check(graph == nullptr, "an invalid capture gave a graph");
}

void illegal_calls() {
    Rig r;
    void* p;
    CUdeviceptr d;
    CUmodule m;
    CUfunction f;
    CUevent e;
    int x = 0;
    must(cuEventCreate(&e, 0));
    must(cuEventRecord(e, r.other));
    const CUresult unsupported = CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    refused(r, r.stream, "cuStreamSynchronize", unsupported, [&] { return cuStreamSynchronize(r.stream); });
    refused(r, r.stream, "cuStreamQuery", unsupported, [&] { return cuStreamQuery(r.stream); });
    refused(r, r.stream, "another stream's cuStreamSynchronize", unsupported, [&] { return cuStreamSynchronize(r.other); });
    refused(r, r.stream, "cuEventSynchronize", unsupported, [&] { return cuEventSynchronize(e); });
    refused(r, r.stream, "cuEventQuery", unsupported, [&] { return cuEventQuery(e); });
    refused(r, r.stream, "cuCtxSynchronize", unsupported, [&] { return cuCtxSynchronize(); });
    refused(r, r.stream, "cuMemAlloc", unsupported, [&] { return cuMemAlloc(&d, 4); });
    refused(r, r.stream, "cuMemFree", unsupported, [&] { return cuMemFree(r.memory); });
    refused(r, r.stream, "cuMemAllocHost", unsupported, [&] { return cuMemAllocHost(&p, 4); });
    refused(r, r.stream, "cuMemFreeHost", unsupported, [&] { return cuMemFreeHost(r.pinned); });
    refused(r, r.stream, "cuMemcpyHtoD", unsupported, [&] { return cuMemcpyHtoD(r.memory, &x, 4); });
    refused(r, r.stream, "a copy from pageable memory", unsupported, [&] { return cuMemcpyDtoHAsync(&x, r.memory, 4, r.stream); });
    refused(r, r.stream, "cuModuleLoadData", unsupported, [&] { return cuModuleLoadData(&m, r.image.data()); });
    refused(r, r.stream, "cuModuleUnload", unsupported, [&] { return cuModuleUnload(r.module); });
    refused(r, r.stream, "a kernel that nobody looked up", unsupported, [&] { return cuModuleGetFunction(&f, r.module, "Scale"); });
    must(cuModuleGetFunction(&f, r.module, "Scale"));
    must(cuEventDestroy(e));
}

// end_elsewhere ends a capture on another thread.
CUresult end_elsewhere(const Rig& r) {
    CUresult code;
    std::thread([&] {
        CUgraph graph;
        must(cuCtxSetCurrent(r.context));
        code = cuStreamEndCapture(r.stream, &graph);
    }).join();
    return code;
}

void threads() {
    Rig r;
    const auto elsewhere = [&] { return end_elsewhere(r); };
    refused(r, r.stream, "another thread's cuStreamEndCapture", CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, elsewhere);
    const auto allocate = [&](CUstreamCaptureMode mode) {
        CUresult code = CUDA_SUCCESS;
        must(cuStreamBeginCapture(r.stream, mode));
        std::thread([&] {
            CUdeviceptr d;
            must(cuCtxSetCurrent(r.context));
            if ((code = cuMemAlloc(&d, 4)) == CUDA_SUCCESS)
                must(cuMemFree(d));
        }).join();
        CUgraph graph;
        const CUresult want = code ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED : CUDA_SUCCESS;
        expect(cuStreamEndCapture(r.stream, &graph), want, "the end of a capture during which another thread allocates");
        if (graph)
            must(cuGraphDestroy(graph));
        return code;
    };
    const CUresult unsupported = CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    expect(allocate(CU_STREAM_CAPTURE_MODE_GLOBAL), unsupported, "another thread allocates during a global capture");
    must(allocate(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    must(allocate(CU_STREAM_CAPTURE_MODE_RELAXED));
}

// The default stream waits for streams that were not made otherwise, so it cannot be used while one is captured.
void default_stream() {
    Rig r;
    CUstream waits;
    must(cuStreamCreate(&waits, CU_STREAM_DEFAULT));
    const CUresult implicit = CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
    refused(r, waits, "the default stream", implicit, [&] { return cuMemsetD32Async(r.memory, 0, 1, nullptr); });
    refused(r, waits, "a wait for the default stream", implicit, [&] { return cuStreamSynchronize(nullptr); });
    must(cuStreamDestroy(waits));
    CUgraph graph;
    must(cuStreamBeginCapture(r.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    must(cuMemsetD32Async(r.memory, 0, 1, nullptr));
    must(cuStreamEndCapture(r.stream, &graph));
    must(cuGraphDestroy(graph));
    const CUresult begun = cuStreamBeginCapture(nullptr, CU_STREAM_CAPTURE_MODE_RELAXED);
    expect(begun, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "a capture of the default stream");
    expect(cuStreamEndCapture(r.stream, &graph), CUDA_ERROR_ILLEGAL_STATE, "the end of no capture");
}

// Multiplier is a cuBLAS handle and a small product.
struct Multiplier {
    const Rig& r;
    cublasHandle_t handle;

    Multiplier(const Rig& r, CUstream s) : r(r) {
        check(cublasCreate(&handle) == 0 && cublasSetStream(handle, s) == 0, "a handle");
    }

    ~Multiplier() {
        check(cublasDestroy(handle) == 0, "the end of a handle");
    }

    // workspace sets the first or the second workspace.
    void workspace(int i) {
        check(cublasSetWorkspace(handle, reinterpret_cast<void*>(r.memory + (1 << 18) * (2 + i)), 1 << 18) == 0, "a workspace");
    }

    // multiply multiplies (n, n) matrices.
    bool multiply(int n) {
        const float one = 1, zero = 0;
        float* const x = reinterpret_cast<float*>(r.memory);
        return cublasGemmEx(handle, CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, &one, x, CUDA_R_32F, n, x, CUDA_R_32F, n, &zero, x + n * n,
                            CUDA_R_32F, n, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT) == 0;
    }
};

CUresult result(bool ok) {
    return ok ? CUDA_SUCCESS : CUDA_ERROR_UNKNOWN;
}

// Two products that may run at the same time need two workspaces.
void branches(const Rig& r, Multiplier& here) {
    for (bool apart : {false, true}) {
        CUgraph graph;
        CUgraphExec exec;
        here.workspace(0);
        must(cuStreamBeginCapture(r.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
        check(here.multiply(3), "a product");
        must(cuStreamUpdateCaptureDependencies(r.stream, nullptr, 0, CU_STREAM_SET_CAPTURE_DEPENDENCIES));
        here.workspace(apart ? 1 : 0);
        check(here.multiply(3), "a product on another branch");
        must(cuStreamEndCapture(r.stream, &graph));
        const CUresult want = apart ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
        expect(cuGraphInstantiateWithFlags(&exec, graph, 0), want, "branches with one workspace, or two");
        must(cuGraphDestroy(graph));
        if (apart)
            must(cuGraphExecDestroy(exec));
    }
}

void products() {
    Rig r;
    Multiplier here(r, r.stream), elsewhere(r, r.other);
    must(cuMemsetD32Async(r.memory, 0, 1 << 18, r.stream));
    check(here.multiply(3) && elsewhere.multiply(3), "products outside a capture");
    refused(r, r.stream, "a product without a workspace", CUDA_ERROR_UNKNOWN, [&] { return result(here.multiply(3)); });
    here.workspace(0), elsewhere.workspace(1);
    refused(r, r.stream, "a product on another stream", CUDA_ERROR_UNKNOWN, [&] { return result(elsewhere.multiply(3)); });
    refused(r, r.stream, "the first product of its kind", CUDA_ERROR_UNKNOWN, [&] { return result(here.multiply(5)); });
    cublasHandle_t fresh;
    refused(r, r.stream, "a new handle", CUDA_ERROR_UNKNOWN, [&] { return result(cublasCreate(&fresh) == 0); });
    CUgraph graph;
    must(cuStreamBeginCapture(r.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    check(here.multiply(3), "a product in a capture");
    must(cuStreamEndCapture(r.stream, &graph));
    must(cuGraphDestroy(graph));
    branches(r, here);
    check(cublasSetStream(here.handle, r.stream) == 0, "the stream again");
    refused(r, r.stream, "a workspace before cublasSetStream", CUDA_ERROR_UNKNOWN, [&] { return result(here.multiply(3)); });
}

void launches() {
    Rig r;
    CUfunction f;
    must(cuModuleGetFunction(&f, r.module, "Finish"));
    const auto launch = [&](unsigned gx, unsigned gy, unsigned bx, unsigned by, unsigned bz, unsigned shared) {
        return cuLaunchKernel(f, gx, gy, 1, bx, by, bz, shared, r.stream, nullptr, nullptr);
    };
    expect(launch(0, 1, 32, 1, 1, 0), CUDA_ERROR_INVALID_VALUE, "a grid without blocks");
    expect(launch(1, 65536, 32, 1, 1, 0), CUDA_ERROR_INVALID_VALUE, "65536 blocks in the second dimension");
    expect(launch(1, 1, 1025, 1, 1, 0), CUDA_ERROR_INVALID_VALUE, "a block of 1025 threads");
    expect(launch(1, 1, 64, 32, 1, 0), CUDA_ERROR_INVALID_VALUE, "a block of 64·32 threads");
    expect(launch(1, 1, 1, 1, 65, 0), CUDA_ERROR_INVALID_VALUE, "65 threads in the third dimension");
    expect(launch(1, 1, 32, 1, 1, 49153), CUDA_ERROR_INVALID_VALUE, "more than 48 KiB of shared memory");
    int registers = 0, shared = 0;
    must(cuFuncGetAttribute(&registers, CU_FUNC_ATTRIBUTE_NUM_REGS, f));
    must(cuFuncGetAttribute(&shared, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, f));
    check(registers > 0, "no registers");
    const CUfunction_attribute dynamic = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
    expect(cuFuncSetAttribute(f, dynamic, (227 << 10) - shared + 1), CUDA_ERROR_INVALID_VALUE, "227 KiB of shared memory and more");
    must(cuFuncSetAttribute(f, dynamic, (227 << 10) - shared));
    expect(cuModuleGetFunction(&f, r.module, "NoKernel"), CUDA_ERROR_NOT_FOUND, "a kernel that the fatbin does not have");
    const Resources many{65, 0};
    const CUfunc_st large{f->entry, &many, 0};
    must(emulated::within_limits(large, {1, 1, 1}, {768, 1, 1}, 0));
    const CUresult launched = emulated::within_limits(large, {1, 1, 1}, {1024, 1, 1}, 0);
    expect(launched, CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "1024 threads of 65 registers");
    std::string damaged = r.image;
    damaged[damaged.size() / 2] ^= 1;
    CUmodule m;
    expect(cuModuleLoadData(&m, damaged.data()), CUDA_ERROR_INVALID_IMAGE, "another fatbin");
}

// touch writes a byte beside an allocation of 1000 bytes, as a kernel would, and reports what a wait reports.
CUresult touch(long at) {
    Rig r;
    CUdeviceptr p;
    must(cuMemAlloc(&p, 1000));
    must(emulated::enqueue(r.stream, [=] {
        reinterpret_cast<volatile char*>(p)[at] = 1;
        return CUDA_SUCCESS;
    }));
    const CUresult code = cuStreamSynchronize(r.stream);
    emulated::set_faults("");
    cuMemFree(p); // which may find the same once more
    emulated::set_faults("");
    return code;
}

void memory() {
    must(touch(0));
    must(touch(999));
    for (long at : {-1, -4000, 1000, 1024, 5000})
        expect(touch(at), CUDA_ERROR_ILLEGAL_ADDRESS, "byte " + std::to_string(at) + " of 1000");
    Rig r;
    CUdeviceptr p;
    must(cuMemAlloc(&p, 1000));
    must(cuMemFree(p));
    must(emulated::enqueue(r.stream, [=] { return reinterpret_cast<volatile char*>(p)[0] ? CUDA_SUCCESS : CUDA_SUCCESS; }));
    expect(cuStreamSynchronize(r.stream), CUDA_ERROR_ILLEGAL_ADDRESS, "memory that was freed");
    emulated::set_faults("");
}

// When nobody holds a context any more, everything in it is gone, and the next one is another.
void contexts() {
    CUcontext first, second;
    CUstream stream;
    CUdeviceptr memory;
    CUmodule module;
    const std::string image = fatbin();
    must(cuDevicePrimaryCtxRetain(&first, 0));
    must(cuCtxSetCurrent(first));
    must(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    must(cuMemAlloc(&memory, 4096));
    must(cuModuleLoadData(&module, image.data()));
    CUdevice device;
    while (cuDevicePrimaryCtxRelease(0) == CUDA_SUCCESS) // all that earlier tests retained
        ;
    expect(cuCtxGetDevice(&device), CUDA_ERROR_CONTEXT_IS_DESTROYED, "a call in a context that is gone");
    must(cuDevicePrimaryCtxRetain(&second, 0));
    check(first != second, "the same context again");
    expect(cuCtxSetCurrent(first), CUDA_ERROR_INVALID_CONTEXT, "the context that is gone");
    must(cuCtxSetCurrent(second));
    CUfunction f;
    int x = 0;
    expect(cuStreamSynchronize(stream), CUDA_ERROR_INVALID_HANDLE, "its stream");
    expect(cuModuleGetFunction(&f, module, "Scale"), CUDA_ERROR_INVALID_HANDLE, "its module");
    expect(cuMemcpyHtoD(memory, &x, 4), CUDA_ERROR_INVALID_VALUE, "its memory");
    expect(cuMemFree(memory), CUDA_ERROR_INVALID_VALUE, "its memory");
    cublasHandle_t handle;
    check(cublasCreate(&handle) == CUBLAS_STATUS_NOT_INITIALIZED, "cuBLAS does not notice that its context was reset");
}

} // namespace

int main() {
    must(cuInit(0));
    illegal_calls();
    threads();
    default_stream();
    products();
    launches();
    memory();
    contexts();
}
