// An emulated NVIDIA driver, for tests only: the calls that package cuda makes, on host memory.
//
// README.md says how strict it is, and lists its settings, faults, and the calls of this library that no real driver has.
//
// memory.cpp, guard.cpp, stream.cpp, limits.cpp and faults.cpp hold the rest of the driver, and blas.cpp is cuBLAS. Kernels are the PTX
// of the fatbin, translated by ptxcpp: block.cpp runs their threads, access.cpp and race.cpp check what they touch, and checks.cpp has
// the settings of these.

#include "state.h"

#include "kernels.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace emulated {

Driver driver;
thread_local CUcontext current_context;

} // namespace emulated

using namespace emulated;

namespace {

Device* device_of(CUdevice ordinal) {
    return ordinal >= 0 && ordinal < driver.visible ? &driver.devices[ordinal] : nullptr;
}

// end ends a context: everything that was made in it is gone, and its handles are dead for good.
void end(CUcontext c) {
    drain_streams(c, false);
    unmap(c);
    c->handles.clear();
    c->streams.clear();
    c->device->primary = nullptr;
}

// load makes a function of a kernel: the driver loads it at that time.
CUresult load(CUfunction& f, const char* name) {
    if (CUresult err = unsafe())
        return err;
    const Resources* const r = resources(name);
    for (const Entry& e : kernels())
        if (r && !strcmp(e.kernel->name, name)) {
            f = made(new CUfunc_st{&e, r, free_shared(*r)});
            return CUDA_SUCCESS;
        }
    return CUDA_ERROR_NOT_FOUND;
}

} // namespace

extern "C" {

// Initialisation, devices.

CUresult cuInit(unsigned flags) {
    std::lock_guard<std::recursive_mutex> guard(driver.lock);
    if (const char* bytes = getenv("AUTOAMP_EMULATED_MEMORY"))
        driver.memory = strtoull(bytes, nullptr, 10);
    if (const char* count = getenv("AUTOAMP_EMULATED_DEVICES"); count && *count)
        set_devices(atoi(count));
    set_faults(getenv("AUTOAMP_EMULATED_FAULT"));
    if (flags != 0)
        return CUDA_ERROR_INVALID_VALUE;
    if (driver.no_device)
        return CUDA_ERROR_NO_DEVICE;
    driver.initialised = true;
    return CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int* version) {
    *version = driver.version;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int* count) {
    BEGIN(false);
    *count = driver.visible;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
    BEGIN(false);
    if (!device_of(ordinal))
        return CUDA_ERROR_INVALID_DEVICE;
    *device = ordinal;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char* name, int length, CUdevice ordinal) {
    BEGIN(false);
    if (!device_of(ordinal))
        return CUDA_ERROR_INVALID_DEVICE;
    snprintf(name, length, ordinal == 0 ? "Emulated GPU" : "Emulated GPU %d", ordinal);
    return CUDA_SUCCESS;
}

CUresult cuDeviceTotalMem(size_t* bytes, CUdevice ordinal) {
    BEGIN(false);
    if (!device_of(ordinal))
        return CUDA_ERROR_INVALID_DEVICE;
    *bytes = driver.memory;
    return CUDA_SUCCESS;
}

// Contexts.

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice ordinal) {
    BEGIN(false);
    Device* const d = device_of(ordinal);
    if (!d)
        return CUDA_ERROR_INVALID_DEVICE;
    if (d->users++ == 0)
        d->primary = new CUctx_st{d, d->lost ? CUDA_ERROR_ILLEGAL_ADDRESS : CUDA_SUCCESS};
    *context = d->primary;
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease(CUdevice ordinal) {
    BEGIN(false);
    Device* const d = device_of(ordinal);
    if (!d)
        return CUDA_ERROR_INVALID_DEVICE;
    if (d->users == 0)
        return CUDA_ERROR_INVALID_CONTEXT;
    if (--d->users == 0)
        end(d->primary);
    return CUDA_SUCCESS;
}

CUresult cuCtxSetCurrent(CUcontext context) {
    BEGIN(false);
    if (context && context->device->primary != context)
        return CUDA_ERROR_INVALID_CONTEXT;
    current_context = context;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext* context) {
    BEGIN(false);
    *context = current_context;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetDevice(CUdevice* device) {
    BEGIN();
    *device = current_context->device->ordinal;
    return CUDA_SUCCESS;
}

CUresult cuCtxSynchronize(void) {
    BEGIN();
    if (CUresult err = unsafe())
        return err;
    return drain_streams(current_context, false);
}

// Modules and launches.

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
    BEGIN();
    if (CUresult err = unsafe())
        return err;
    const Device& d = *current_context->device;
    if (d.faults.old_card || driver.faults.old_card)
        return CUDA_ERROR_NO_BINARY_FOR_GPU;
    if (!is_fatbin(image))
        return CUDA_ERROR_INVALID_IMAGE;
    *module = made(new CUmod_st);
    return CUDA_SUCCESS;
}

CUresult cuModuleUnload(CUmodule module) {
    BEGIN();
    if (!is_alive(module))
        return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult err = unsafe())
        return err;
    drain_streams(current_context, false);
    for (auto& [name, function] : module->functions)
        destroyed(function);
    destroyed(module);
    return current_context->sticky;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
    BEGIN();
    if (!is_alive(module))
        return CUDA_ERROR_INVALID_HANDLE;
    CUfunction& f = module->functions[name];
    if (!f)
        if (CUresult err = load(f, name))
            return err;
    *function = f;
    return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                        unsigned shared, CUstream stream, void** params, void** extra) {
    BEGIN();
    const dim3 grid{gx, gy, gz}, block{bx, by, bz};
    if (!is_alive(f))
        return CUDA_ERROR_INVALID_HANDLE;
    if (extra)
        return CUDA_ERROR_INVALID_VALUE;
    if (CUresult err = within_limits(*f, {gx, gy, gz}, {bx, by, bz}, shared))
        return err;
    const Entry& entry = *f->entry;
    const Kernel& kernel = *entry.kernel;
    if (bx * by * bz > kernel.threads)
        return CUDA_ERROR_INVALID_VALUE;
    return enqueue(stream, [=, &entry, &kernel, device = current_context->device, arguments = kernel.pack(params)] {
        if (CUresult err = launched(*device, kernel.name))
            return err;
        std::string failure;
        const CUresult result = run_kernel(entry, grid, block, shared, arguments, &failure);
        if (result != CUDA_SUCCESS)
            fprintf(stderr, "emulated driver: %s: %s\n", kernel.name, failure.c_str());
        return result;
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
    {CUDA_ERROR_NO_BINARY_FOR_GPU, "CUDA_ERROR_NO_BINARY_FOR_GPU"},
    {CUDA_ERROR_INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT"},
    {CUDA_ERROR_INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE"},
    {CUDA_ERROR_ILLEGAL_STATE, "CUDA_ERROR_ILLEGAL_STATE"},
    {CUDA_ERROR_NOT_FOUND, "CUDA_ERROR_NOT_FOUND"},
    {CUDA_ERROR_NOT_READY, "CUDA_ERROR_NOT_READY"},
    {CUDA_ERROR_MISALIGNED_ADDRESS, "CUDA_ERROR_MISALIGNED_ADDRESS"},
    {CUDA_ERROR_ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS"},
    {CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"},
    {CUDA_ERROR_CONTEXT_IS_DESTROYED, "CUDA_ERROR_CONTEXT_IS_DESTROYED"},
    {CUDA_ERROR_LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"},
    {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"},
    {CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"},
    {CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT"},
    {CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD"},
};

CUresult cuGetErrorName(CUresult code, const char** text) {
    const auto at = errors.find(code);
    *text = at == errors.end() ? nullptr : at->second;
    return *text ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

} // extern "C"
