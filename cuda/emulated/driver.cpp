// An emulated NVIDIA driver, for tests only: the calls that package cuda makes, on host memory.
//
// It is as unforgiving as the real one. Work on a stream runs as late as CUDA allows: when something waits for it. What is captured
// does not run before the graph is launched. Fresh memory holds NaN, and so do the borders of every allocation, which are checked. Whatever CUDA refuses
// during capture is refused here.
//
// Settings, read by cuInit:
//
//	AUTOAMP_EMULATED_MEMORY   bytes of the device, 8 GiB if unset
//	AUTOAMP_EMULATED_FAULT    what fails, see below
//
// and for a process that is running, from the library's symbols:
//
//	void autoamp_emulated_fault(const char* faults);   replaces the faults and heals the device; "" for none
//	void autoamp_emulated_memory(size_t bytes);
//	int autoamp_emulated_leaks(void);                  allocations, streams, events, graphs, modules and contexts alive
//
// Faults, separated by commas, counted from when they are set:
//
//	alloc:K       the K-th allocation of device memory fails: out of memory
//	pinned:K      the K-th allocation of pinned memory fails
//	launch:K      the K-th kernel or product that runs fails: launch failed
//	launch:NAME   every run of this kernel fails; gemm is every product
//	lost:K        from the K-th call on, every call fails: illegal address
//	nodevice      cuInit finds no device
//	olddriver     the driver is for CUDA 11.2
//	nocublas      cuBLAS cannot be initialised
//
// A failed launch, like a real one, is reported by the next call that waits, and by every call from then on until the context is destroyed.

#include "driver.h"

#include "block.h"
#include "kernels.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

using Work = std::function<CUresult()>;

struct CUgraph_st {
    std::vector<Work> nodes;
};

struct CUgraphExec_st {
    std::vector<Work> nodes;
};

struct CUstream_st {
    std::deque<Work> queue;
    unsigned long long enqueued = 0, ran = 0;
    bool blocking = true; // waits for the default stream, and it for this
    CUgraph capture = nullptr;
    CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
    std::thread::id thread; // that captures
    bool broken = false; // the capture met a call that it does not allow
};

struct CUevent_st {
    CUstream stream = nullptr; // of the last record
    unsigned long long place = 0;
    std::chrono::steady_clock::time_point time;
};

struct CUctx_st {
    unsigned flags;
};

struct CUmod_st {
    std::string image;
};

struct CUfunc_st {
    const Kernel* kernel;
};

namespace {

constexpr size_t BORDER = 256;            // before and behind every allocation
constexpr unsigned char POISON = 0xff;    // NaN as float32, float64 and bf16
constexpr unsigned FATBIN = 0xba55ed50;   // how a fatbin begins

struct Allocation {
    size_t bytes;
    bool pinned;
};

struct Faults {
    long alloc = 0, pinned = 0, launch = 0, lost = 0; // how many more calls until it happens; 0 never
    std::set<std::string> kernels;
    bool no_device = false, old_driver = false, no_cublas = false;
};

// The device. One lock guards everything: a call is over before another begins.
std::recursive_mutex lock;
size_t memory = 8ull << 30, used;
std::map<char*, Allocation> allocations;
Faults faults;
CUresult sticky = CUDA_SUCCESS; // what a failed launch left behind
bool initialised;
std::set<void*> handles; // alive: streams, events, graphs, modules, contexts
CUctx_st primary;
unsigned primary_users;
CUstream_st default_stream;
thread_local CUcontext current_context;

template <class T> T* made(T* handle) {
    handles.insert(handle);
    return handle;
}

template <class T> bool destroyed(T* handle) {
    if (handles.erase(handle) == 0)
        return false;
    delete handle;
    return true;
}

// strike counts a fault down and reports whether it happens now.
bool strike(long& count) { return count > 0 && --count == 0; }

void set_faults(const char* text) {
    faults = Faults();
    sticky = CUDA_SUCCESS;
    std::string rest = text ? text : "";
    while (!rest.empty()) {
        const size_t comma = rest.find(',');
        const std::string one = rest.substr(0, comma);
        rest = comma == std::string::npos ? "" : rest.substr(comma + 1);
        const size_t colon = one.find(':');
        const std::string kind = one.substr(0, colon), value = colon == std::string::npos ? "" : one.substr(colon + 1);
        const long count = atol(value.c_str());
        if (kind == "alloc")
            faults.alloc = count;
        else if (kind == "pinned")
            faults.pinned = count;
        else if (kind == "launch" && count > 0)
            faults.launch = count;
        else if (kind == "launch")
            faults.kernels.insert(value);
        else if (kind == "lost")
            faults.lost = count;
        else if (kind == "nodevice")
            faults.no_device = true;
        else if (kind == "olddriver")
            faults.old_driver = true;
        else if (kind == "nocublas")
            faults.no_cublas = true;
        else
            fprintf(stderr, "emulated driver: no fault %s\n", one.c_str()), abort();
    }
}

// Call is the head of every call: the lock, and the errors that any call may return.
struct Call {
    std::lock_guard<std::recursive_mutex> guard{lock};
    CUresult error = CUDA_SUCCESS;

    explicit Call(bool context = true) {
        if (strike(faults.lost))
            sticky = CUDA_ERROR_ILLEGAL_ADDRESS, faults.lost = -1;
        if (!initialised)
            error = CUDA_ERROR_NOT_INITIALIZED;
        else if (context && !current_context)
            error = CUDA_ERROR_INVALID_CONTEXT;
        else if (context)
            error = sticky;
    }
};

#define BEGIN(...)                                                                                                                         \
    Call call{__VA_ARGS__};                                                                                                                \
    if (call.error != CUDA_SUCCESS)                                                                                                        \
    return call.error

CUstream stream_of(CUstream s) { return s ? s : &default_stream; }

bool is_stream(CUstream s) { return s == &default_stream || handles.count(s); }

// intact reports whether the borders of an allocation are as they were made.
bool intact(char* p, const Allocation& a) {
    for (size_t i = 0; i < BORDER; i++)
        if ((unsigned char)p[-1 - (long)i] != POISON || (unsigned char)p[a.bytes + i] != POISON)
            return false;
    return true;
}

CUresult check_borders() {
    for (auto& [p, a] : allocations)
        if (!intact(p, a)) {
            fprintf(stderr, "emulated driver: something wrote beyond an allocation of %zu bytes\n", a.bytes);
            return CUDA_ERROR_ILLEGAL_ADDRESS;
        }
    return CUDA_SUCCESS;
}

// run_until runs what a stream has to do up to its place-th piece of work.
CUresult run_until(CUstream s, unsigned long long place) {
    while (s->ran < place && !s->queue.empty()) {
        Work work = std::move(s->queue.front());
        s->queue.pop_front();
        s->ran++;
        if (sticky == CUDA_SUCCESS)
            sticky = work();
    }
    return sticky;
}

CUresult drain(CUstream s) {
    run_until(s, s->enqueued);
    if (sticky == CUDA_SUCCESS)
        sticky = check_borders();
    return sticky;
}

std::set<CUstream> streams; // that the user made

CUresult drain_streams(bool blocking_only) {
    drain(&default_stream);
    for (CUstream s : streams)
        if (s->blocking || !blocking_only)
            drain(s);
    return sticky;
}

// unsafe ends the captures during which this thread may not make the call that it stands in.
CUresult unsafe() {
    CUresult err = CUDA_SUCCESS;
    for (CUstream s : streams) {
        const bool mine = s->thread == std::this_thread::get_id() && s->mode != CU_STREAM_CAPTURE_MODE_RELAXED;
        if (s->capture && (mine || s->mode == CU_STREAM_CAPTURE_MODE_GLOBAL)) {
            s->broken = true;
            err = CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
        }
    }
    return err;
}

// captured refuses to wait for a stream that is being captured, and ends the capture.
CUresult captured(CUstream s) {
    if (!s->capture)
        return CUDA_SUCCESS;
    s->broken = true;
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
}

CUresult enqueue(CUstream s, Work work) {
    s = stream_of(s);
    if (!is_stream(s))
        return CUDA_ERROR_INVALID_HANDLE;
    if (s->broken)
        return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    if (s->capture) {
        s->capture->nodes.push_back(std::move(work));
        return CUDA_SUCCESS;
    }
    s->queue.push_back(std::move(work));
    s->enqueued++;
    return CUDA_SUCCESS;
}

CUresult launched(const std::string& name) {
    if (strike(faults.launch) || faults.kernels.count(name))
        return CUDA_ERROR_LAUNCH_FAILED;
    return CUDA_SUCCESS;
}

CUresult allocate(void** out, size_t bytes, bool pinned) {
    if (bytes == 0)
        return CUDA_ERROR_INVALID_VALUE;
    if (strike(pinned ? faults.pinned : faults.alloc) || (!pinned && bytes > memory - used))
        return CUDA_ERROR_OUT_OF_MEMORY;
    const size_t padded = (bytes + 255) / 256 * 256;
    char* block = static_cast<char*>(aligned_alloc(256, padded + 2 * BORDER));
    if (!block)
        return CUDA_ERROR_OUT_OF_MEMORY;
    memset(block, POISON, padded + 2 * BORDER);
    allocations[block + BORDER] = {bytes, pinned};
    used += pinned ? 0 : bytes;
    *out = block + BORDER;
    return CUDA_SUCCESS;
}

CUresult release(void* p, bool pinned) {
    const auto at = allocations.find(static_cast<char*>(p));
    if (at == allocations.end() || at->second.pinned != pinned)
        return CUDA_ERROR_INVALID_VALUE;
    drain_streams(false);
    used -= pinned ? 0 : at->second.bytes;
    memset(p, POISON, at->second.bytes);
    allocations.erase(at);
    free(static_cast<char*>(p) - BORDER);
    return sticky;
}

// within reports whether the bytes at p lie in an allocation of a kind.
bool within(const void* p, size_t bytes, bool pinned) {
    auto at = allocations.upper_bound(static_cast<char*>(const_cast<void*>(p)));
    if (at == allocations.begin())
        return false;
    --at;
    const size_t offset = static_cast<const char*>(p) - at->first;
    return at->second.pinned == pinned && offset + bytes <= at->second.bytes;
}

// copy is every copy. The default stream, where it has no other, makes the caller wait.
CUresult copy(void* dst, bool dst_device, const void* src, bool src_device, size_t bytes, CUstream s, bool async) {
    if ((dst_device && !within(dst, bytes, false)) || (src_device && !within(src, bytes, false)))
        return CUDA_ERROR_INVALID_VALUE;
    const bool pageable = (!dst_device && !within(dst, bytes, true)) || (!src_device && !within(src, bytes, true));
    const auto work = [=] {
        memmove(dst, src, bytes);
        return CUDA_SUCCESS;
    };
    s = stream_of(s);
    if (!is_stream(s))
        return CUDA_ERROR_INVALID_HANDLE;
    if (async && s->capture && pageable) {
        s->broken = true;
        return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    }
    if (async && !pageable)
        return enqueue(s, work);
    if (async && src_device == false) { // from pageable memory: it is read before the call returns
        const std::vector<char> staged(static_cast<const char*>(src), static_cast<const char*>(src) + bytes);
        return enqueue(s, [=] {
            memcpy(dst, staged.data(), bytes);
            return CUDA_SUCCESS;
        });
    }
    if (!async)
        if (CUresult err = unsafe())
            return err;
    const CUresult err = async ? drain(s) : drain_streams(true);
    return err != CUDA_SUCCESS ? err : work();
}

template <class T> CUresult fill(CUdeviceptr at, T value, size_t count, CUstream s, bool async) {
    T* const p = reinterpret_cast<T*>(at);
    if (!within(p, count * sizeof(T), false))
        return CUDA_ERROR_INVALID_VALUE;
    if (!async)
        if (CUresult err = unsafe())
            return err;
    return enqueue(s, [=] {
        std::fill(p, p + count, value);
        return CUDA_SUCCESS;
    });
}

void* pointer(CUdeviceptr p) { return reinterpret_cast<void*>(p); }

} // namespace

CUresult emulated_enqueue(CUstream stream, Work work) {
    BEGIN();
    return enqueue(stream, [work = std::move(work)] {
        const CUresult err = launched("gemm");
        return err != CUDA_SUCCESS ? err : work();
    });
}

bool emulated_cublas() {
    std::lock_guard<std::recursive_mutex> guard(lock);
    return !faults.no_cublas;
}

extern "C" {

void autoamp_emulated_fault(const char* text) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    set_faults(text);
}

void autoamp_emulated_memory(size_t bytes) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    memory = bytes;
}

int autoamp_emulated_leaks(void) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    return (int)(allocations.size() + handles.size() + primary_users);
}

// Initialisation, devices.

CUresult cuInit(unsigned flags) {
    std::lock_guard<std::recursive_mutex> guard(lock);
    if (const char* bytes = getenv("AUTOAMP_EMULATED_MEMORY"))
        memory = strtoull(bytes, nullptr, 10);
    set_faults(getenv("AUTOAMP_EMULATED_FAULT"));
    if (flags != 0)
        return CUDA_ERROR_INVALID_VALUE;
    if (faults.no_device)
        return CUDA_ERROR_NO_DEVICE;
    initialised = true;
    return CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int* version) {
    *version = faults.old_driver ? 11020 : CUDA_VERSION;
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
    *bytes = memory;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice) {
    BEGIN(false);
    switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: *value = 132; break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: *value = 9; break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: *value = 0; break;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = 1024; break;
    case CU_DEVICE_ATTRIBUTE_WARP_SIZE: *value = 32; break;
    case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING: *value = 1; break;
    default: *value = 0;
    }
    return CUDA_SUCCESS;
}

// Contexts.

CUresult cuCtxCreate(CUcontext* context, unsigned flags, CUdevice) {
    BEGIN(false);
    *context = current_context = made(new CUctx_st{flags});
    return sticky;
}

CUresult cuCtxDestroy(CUcontext context) {
    BEGIN(false);
    drain_streams(false);
    if (!destroyed(context))
        return CUDA_ERROR_INVALID_CONTEXT;
    if (current_context == context)
        current_context = nullptr;
    if (faults.lost >= 0)
        sticky = CUDA_SUCCESS;
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice) {
    BEGIN(false);
    primary_users++;
    *context = &primary;
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease(CUdevice) {
    BEGIN(false);
    if (primary_users == 0)
        return CUDA_ERROR_INVALID_CONTEXT;
    if (--primary_users == 0) {
        drain_streams(false);
        if (faults.lost >= 0)
            sticky = CUDA_SUCCESS;
    }
    return CUDA_SUCCESS;
}

CUresult cuCtxSetCurrent(CUcontext context) {
    BEGIN(false);
    current_context = context;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext* context) {
    BEGIN(false);
    *context = current_context;
    return CUDA_SUCCESS;
}

CUresult cuCtxPushCurrent(CUcontext context) { return cuCtxSetCurrent(context); }

CUresult cuCtxPopCurrent(CUcontext* context) {
    BEGIN(false);
    if (context)
        *context = current_context;
    current_context = nullptr;
    return CUDA_SUCCESS;
}

CUresult cuCtxSynchronize(void) {
    BEGIN();
    if (CUresult err = unsafe())
        return err;
    return drain_streams(false);
}

// Memory.

CUresult cuMemGetInfo(size_t* available, size_t* total) {
    BEGIN();
    *available = used < memory ? memory - used : 0;
    *total = memory;
    return CUDA_SUCCESS;
}

CUresult cuMemAlloc(CUdeviceptr* p, size_t bytes) {
    BEGIN();
    if (CUresult err = unsafe())
        return err;
    void* block = nullptr;
    const CUresult err = allocate(&block, bytes, false);
    *p = reinterpret_cast<CUdeviceptr>(block);
    return err;
}

CUresult cuMemFree(CUdeviceptr p) {
    BEGIN();
    if (CUresult err = unsafe())
        return err;
    return release(pointer(p), false);
}

CUresult cuMemAllocHost(void** p, size_t bytes) {
    BEGIN();
    return allocate(p, bytes, true);
}

CUresult cuMemHostAlloc(void** p, size_t bytes, unsigned) { return cuMemAllocHost(p, bytes); }

CUresult cuMemFreeHost(void* p) {
    BEGIN();
    return release(p, true);
}

CUresult cuMemcpyHtoD(CUdeviceptr dst, const void* src, size_t bytes) {
    BEGIN();
    return copy(pointer(dst), true, src, false, bytes, nullptr, false);
}

CUresult cuMemcpyDtoH(void* dst, CUdeviceptr src, size_t bytes) {
    BEGIN();
    return copy(dst, false, pointer(src), true, bytes, nullptr, false);
}

CUresult cuMemcpyDtoD(CUdeviceptr dst, CUdeviceptr src, size_t bytes) {
    BEGIN();
    return copy(pointer(dst), true, pointer(src), true, bytes, nullptr, false);
}

CUresult cuMemcpyHtoDAsync(CUdeviceptr dst, const void* src, size_t bytes, CUstream stream) {
    BEGIN();
    return copy(pointer(dst), true, src, false, bytes, stream, true);
}

CUresult cuMemcpyDtoHAsync(void* dst, CUdeviceptr src, size_t bytes, CUstream stream) {
    BEGIN();
    return copy(dst, false, pointer(src), true, bytes, stream, true);
}

CUresult cuMemcpyDtoDAsync(CUdeviceptr dst, CUdeviceptr src, size_t bytes, CUstream stream) {
    BEGIN();
    return copy(pointer(dst), true, pointer(src), true, bytes, stream, true);
}

CUresult cuMemsetD8(CUdeviceptr p, unsigned char value, size_t count) {
    BEGIN();
    return fill(p, value, count, nullptr, false);
}

CUresult cuMemsetD8Async(CUdeviceptr p, unsigned char value, size_t count, CUstream stream) {
    BEGIN();
    return fill(p, value, count, stream, true);
}

CUresult cuMemsetD32(CUdeviceptr p, unsigned value, size_t count) {
    BEGIN();
    return fill(p, value, count, nullptr, false);
}

CUresult cuMemsetD32Async(CUdeviceptr p, unsigned value, size_t count, CUstream stream) {
    BEGIN();
    return fill(p, value, count, stream, true);
}

// Streams and events.

CUresult cuStreamCreate(CUstream* stream, unsigned flags) {
    BEGIN();
    *stream = made(new CUstream_st);
    (*stream)->blocking = !(flags & CU_STREAM_NON_BLOCKING);
    streams.insert(*stream);
    return CUDA_SUCCESS;
}

CUresult cuStreamCreateWithPriority(CUstream* stream, unsigned flags, int) { return cuStreamCreate(stream, flags); }

CUresult cuStreamDestroy(CUstream stream) {
    BEGIN();
    if (!streams.count(stream))
        return CUDA_ERROR_INVALID_HANDLE;
    drain(stream);
    delete stream->capture;
    streams.erase(stream);
    destroyed(stream);
    return sticky;
}

CUresult cuStreamSynchronize(CUstream stream) {
    BEGIN();
    stream = stream_of(stream);
    if (!is_stream(stream))
        return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult err = captured(stream))
        return err;
    return drain(stream);
}

// cuStreamQuery lets one piece of work end for each time that somebody asks.
CUresult cuStreamQuery(CUstream stream) {
    BEGIN();
    stream = stream_of(stream);
    if (CUresult err = captured(stream))
        return err;
    if (stream->queue.empty())
        return sticky;
    run_until(stream, stream->ran + 1);
    return sticky != CUDA_SUCCESS ? sticky : CUDA_ERROR_NOT_READY;
}

CUresult cuEventCreate(CUevent* event, unsigned) {
    BEGIN();
    *event = made(new CUevent_st);
    return CUDA_SUCCESS;
}

CUresult cuEventDestroy(CUevent event) {
    BEGIN();
    if (event->stream && is_stream(event->stream))
        run_until(event->stream, event->place); // it writes the time
    return destroyed(event) ? sticky : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
    BEGIN();
    stream = stream_of(stream);
    if (CUresult err = captured(stream)) // CUDA allows it; nobody needs it
        return err;
    event->stream = stream;
    const CUresult err = enqueue(stream, [event] {
        event->time = std::chrono::steady_clock::now();
        return CUDA_SUCCESS;
    });
    event->place = stream->enqueued;
    return err;
}

CUresult cuEventSynchronize(CUevent event) {
    BEGIN();
    return event->stream && is_stream(event->stream) ? run_until(event->stream, event->place) : CUDA_SUCCESS;
}

CUresult cuEventQuery(CUevent event) {
    BEGIN();
    CUstream s = event->stream;
    if (!s || !is_stream(s) || s->ran >= event->place)
        return CUDA_SUCCESS;
    run_until(s, s->ran + 1);
    return sticky != CUDA_SUCCESS ? sticky : CUDA_ERROR_NOT_READY;
}

CUresult cuEventElapsedTime(float* ms, CUevent start, CUevent end) {
    BEGIN();
    if (!start->stream || !end->stream)
        return CUDA_ERROR_INVALID_HANDLE;
    if (start->stream->ran < start->place || end->stream->ran < end->place)
        return CUDA_ERROR_NOT_READY;
    *ms = std::chrono::duration<float, std::milli>(end->time - start->time).count();
    return CUDA_SUCCESS;
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned) {
    BEGIN();
    if (CUresult err = captured(stream_of(stream))) // likewise
        return err;
    CUstream from = event->stream;
    const unsigned long long place = event->place;
    if (!from)
        return CUDA_SUCCESS;
    return enqueue(stream, [=] { return is_stream(from) ? run_until(from, place) : CUDA_SUCCESS; });
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

CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned, CUjit_option*, void**) { return cuModuleLoadData(module, image); }

CUresult cuModuleUnload(CUmodule module) {
    BEGIN();
    drain_streams(false);
    return destroyed(module) ? sticky : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
    BEGIN();
    static std::map<std::string, CUfunc_st> functions;
    if (!handles.count(module))
        return CUDA_ERROR_INVALID_HANDLE;
    for (const Kernel& k : kernels())
        if (!strcmp(k.name, name)) {
            *function = &(functions[name] = {&k});
            return CUDA_SUCCESS;
        }
    return CUDA_ERROR_NOT_FOUND;
}

CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction) {
    BEGIN();
    *value = attribute == CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK ? 1024 : 0;
    return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, CUstream stream,
                        void** params, void** extra) {
    BEGIN();
    const dim3 grid{gx, gy, gz}, block{bx, by, bz};
    if (!gx || !gy || !gz || gx > 0x7fffffff || gy > 0xffff || gz > 0xffff || (unsigned long long)bx * by * bz - 1 >= 1024 || shared || extra)
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

// Graphs.

CUresult cuStreamBeginCapture(CUstream stream, CUstreamCaptureMode mode) {
    BEGIN();
    if (!streams.count(stream)) // the default stream among them
        return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    if (stream->capture)
        return CUDA_ERROR_ILLEGAL_STATE;
    stream->capture = new CUgraph_st;
    stream->broken = false;
    stream->mode = mode;
    stream->thread = std::this_thread::get_id();
    return CUDA_SUCCESS;
}

CUresult cuStreamIsCapturing(CUstream stream, CUstreamCaptureStatus* status) {
    BEGIN();
    stream = stream_of(stream);
    *status = !stream->capture ? CU_STREAM_CAPTURE_STATUS_NONE : stream->broken ? CU_STREAM_CAPTURE_STATUS_INVALIDATED : CU_STREAM_CAPTURE_STATUS_ACTIVE;
    return CUDA_SUCCESS;
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
    BEGIN();
    *graph = nullptr;
    if (!streams.count(stream) || !stream->capture)
        return CUDA_ERROR_ILLEGAL_STATE;
    CUgraph captured = stream->capture;
    stream->capture = nullptr;
    if (stream->broken) {
        delete captured;
        stream->broken = false;
        return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    }
    *graph = made(captured);
    return CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* exec, CUgraph graph, unsigned long long) {
    BEGIN();
    if (!handles.count(graph))
        return CUDA_ERROR_INVALID_VALUE;
    *exec = made(new CUgraphExec_st{graph->nodes});
    return CUDA_SUCCESS;
}

CUresult cuGraphLaunch(CUgraphExec exec, CUstream stream) {
    BEGIN();
    if (!handles.count(exec))
        return CUDA_ERROR_INVALID_VALUE;
    return enqueue(stream, [exec] {
        for (const Work& node : exec->nodes)
            if (CUresult err = node())
                return err;
        return CUDA_SUCCESS;
    });
}

CUresult cuGraphExecDestroy(CUgraphExec exec) {
    BEGIN();
    drain_streams(false);
    return destroyed(exec) ? sticky : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphDestroy(CUgraph graph) {
    BEGIN();
    return destroyed(graph) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

// Errors.

static const std::map<int, std::pair<const char*, const char*>> errors = {
    {CUDA_SUCCESS, {"CUDA_SUCCESS", "no error"}},
    {CUDA_ERROR_INVALID_VALUE, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
    {CUDA_ERROR_OUT_OF_MEMORY, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}},
    {CUDA_ERROR_NOT_INITIALIZED, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
    {CUDA_ERROR_NO_DEVICE, {"CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}},
    {CUDA_ERROR_INVALID_DEVICE, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
    {CUDA_ERROR_INVALID_IMAGE, {"CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"}},
    {CUDA_ERROR_INVALID_CONTEXT, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}},
    {CUDA_ERROR_INVALID_HANDLE, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}},
    {CUDA_ERROR_ILLEGAL_STATE, {"CUDA_ERROR_ILLEGAL_STATE", "the operation cannot be performed in the present state"}},
    {CUDA_ERROR_NOT_FOUND, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
    {CUDA_ERROR_NOT_READY, {"CUDA_ERROR_NOT_READY", "device not ready"}},
    {CUDA_ERROR_ILLEGAL_ADDRESS, {"CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}},
    {CUDA_ERROR_LAUNCH_FAILED, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}},
    {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, {"CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"}},
    {CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, {"CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"}},
};

CUresult cuGetErrorName(CUresult code, const char** text) {
    const auto at = errors.find(code);
    *text = at == errors.end() ? nullptr : at->second.first;
    return *text ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGetErrorString(CUresult code, const char** text) {
    const auto at = errors.find(code);
    *text = at == errors.end() ? nullptr : at->second.second;
    return *text ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

} // extern "C"
