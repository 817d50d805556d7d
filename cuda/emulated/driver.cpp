// An emulated NVIDIA driver, for tests only: the calls that package cuda makes, on host memory.
//
// It is as unforgiving as the real one. Work on a stream runs as late as CUDA allows: when something waits for it. What is
// captured does not run before the graph is launched. Fresh memory holds NaN, and so do the borders of every allocation,
// which are checked. Whatever CUDA refuses during capture is refused here.
//
// Settings, read by cuInit:
//
//	AUTOAMP_EMULATED_MEMORY   bytes of the device, 8 GiB if unset
//	AUTOAMP_EMULATED_FAULT    what fails, see faults.cpp
//
// and for a process that is running, from the library's symbols:
//
//	void autoamp_emulated_fault(const char* faults);   replaces the faults and heals the device; "" for none
//	void autoamp_emulated_memory(size_t bytes);
//	void autoamp_emulated_tf32(int rounds);            TF32 products round their operands; 0, the default: they truncate
//	int autoamp_emulated_nodes(void);                  of the graph that was instantiated last
//	int autoamp_emulated_leaks(void);                  allocations, streams, events, graphs, modules and contexts alive
//
// memory.cpp, stream.cpp and faults.cpp hold the rest of the driver, block.cpp runs kernels, blas.cpp is cuBLAS.

#include "state.h"

#include "block.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace emulated {

Device device;
thread_local CUcontext current_context;

} // namespace emulated

using namespace emulated;

namespace {

constexpr unsigned FATBIN = 0xba55ed50; // how a fatbin begins

CUctx_st primary;

} // namespace

extern "C" {

// Initialisation, devices.

CUresult cuInit(unsigned flags) {
    std::lock_guard<std::recursive_mutex> guard(device.lock);
    if (const char* bytes = getenv("AUTOAMP_EMULATED_MEMORY"))
        device.memory = strtoull(bytes, nullptr, 10);
    set_faults(getenv("AUTOAMP_EMULATED_FAULT"));
    if (flags != 0)
        return CUDA_ERROR_INVALID_VALUE;
    if (device.faults.no_device)
        return CUDA_ERROR_NO_DEVICE;
    device.initialised = true;
    return CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int* version) {
    *version = device.faults.old_driver ? 11020 : CUDA_VERSION;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int* count) {
    BEGIN(false);
    *count = 1;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
    BEGIN(false);
    if (ordinal != 0)
        return CUDA_ERROR_INVALID_DEVICE;
    *device = 0;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char* name, int length, CUdevice) {
    BEGIN(false);
    snprintf(name, length, "Emulated GPU");
    return CUDA_SUCCESS;
}

CUresult cuDeviceTotalMem(size_t* bytes, CUdevice) {
    BEGIN(false);
    *bytes = device.memory;
    return CUDA_SUCCESS;
}

// Contexts.

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice) {
    BEGIN(false);
    device.primary_users++;
    *context = &primary;
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease(CUdevice) {
    BEGIN(false);
    if (device.primary_users == 0)
        return CUDA_ERROR_INVALID_CONTEXT;
    if (--device.primary_users == 0) {
        drain_streams(false);
        if (device.faults.lost >= 0)
            device.sticky = CUDA_SUCCESS;
    }
    return CUDA_SUCCESS;
}

CUresult cuCtxSetCurrent(CUcontext context) {
    BEGIN(false);
    current_context = context;
    return CUDA_SUCCESS;
}

CUresult cuCtxSynchronize(void) {
    BEGIN();
    if (CUresult err = unsafe())
        return err;
    return drain_streams(false);
}

// Modules and launches.

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
    BEGIN();
    unsigned magic;
    memcpy(&magic, image, sizeof magic);
    if (magic != FATBIN)
        return CUDA_ERROR_INVALID_IMAGE;
    *module = made(new CUmod_st);
    return CUDA_SUCCESS;
}

CUresult cuModuleUnload(CUmodule module) {
    BEGIN();
    drain_streams(false);
    return destroyed(module) ? device.sticky : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
    BEGIN();
    static std::map<std::string, CUfunc_st> functions;
    if (!device.handles.count(module))
        return CUDA_ERROR_INVALID_HANDLE;
    for (const Kernel& k : kernels())
        if (!strcmp(k.name, name)) {
            *function = &(functions[name] = {&k});
            return CUDA_SUCCESS;
        }
    return CUDA_ERROR_NOT_FOUND;
}

CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                        unsigned shared, CUstream stream, void** params, void** extra) {
    BEGIN();
    const dim3 grid{gx, gy, gz}, block{bx, by, bz};
    if (!gx || !gy || !gz || gx > 0x7fffffff || gy > 0xffff || gz > 0xffff || (unsigned long long)bx * by * bz - 1 >= 1024 ||
        shared || extra)
        return CUDA_ERROR_INVALID_VALUE;
    const Kernel& kernel = *f->kernel;
    return enqueue(stream, [=, &kernel, body = kernel.bind(params)] {
        if (CUresult err = launched(kernel.name))
            return err;
        const std::string failure = run_grid(grid, block, body);
        if (failure.empty())
            return CUDA_SUCCESS;
        fprintf(stderr, "emulated driver: %s: %s\n", kernel.name, failure.c_str());
        return CUDA_ERROR_LAUNCH_FAILED;
    });
}

// Errors.

static const std::map<int, const char*> errors = {
    {CUDA_SUCCESS, "CUDA_SUCCESS"},
    {CUDA_ERROR_INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE"},
    {CUDA_ERROR_OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY"},
    {CUDA_ERROR_NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED"},
    {CUDA_ERROR_NO_DEVICE, "CUDA_ERROR_NO_DEVICE"},
    {CUDA_ERROR_INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE"},
    {CUDA_ERROR_INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE"},
    {CUDA_ERROR_INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT"},
    {CUDA_ERROR_INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE"},
    {CUDA_ERROR_ILLEGAL_STATE, "CUDA_ERROR_ILLEGAL_STATE"},
    {CUDA_ERROR_NOT_FOUND, "CUDA_ERROR_NOT_FOUND"},
    {CUDA_ERROR_NOT_READY, "CUDA_ERROR_NOT_READY"},
    {CUDA_ERROR_ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS"},
    {CUDA_ERROR_LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"},
    {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"},
    {CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"},
};

CUresult cuGetErrorName(CUresult code, const char** text) {
    const auto at = errors.find(code);
    *text = at == errors.end() ? nullptr : at->second;
    return *text ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

} // extern "C"
