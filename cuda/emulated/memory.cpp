// Memory and copies of the emulated driver.

#include "state.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

using namespace emulated;

namespace {

constexpr unsigned char POISON = 0xff; // NaN as float32, float64 and bf16
constexpr size_t PAGE = 4096, ALIGNMENT = 256;

CUcontext exposed; // whose memory can be reached

size_t rounded(size_t bytes, size_t to) {
    return (bytes + to - 1) / to * to;
}

// intact reports whether the borders of an allocation, up to the guard pages, are as they were made.
bool intact(const char* p, const Allocation& a) {
    const auto untouched = [](char c) { return (unsigned char)c == POISON; };
    return std::all_of((const char*)a.pages, p, untouched) && std::all_of(p + a.bytes, (const char*)a.pages + a.mapped, untouched);
}

// map takes pages between two guard pages. The allocation ends where the pages do, as far as its alignment allows.
char* map(size_t bytes, Allocation& a) {
    a.mapped = rounded(bytes, PAGE);
    void* const all = mmap(nullptr, a.mapped + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED)
        return nullptr;
    a.pages = static_cast<char*>(all) + PAGE;
    mprotect(a.pages, a.mapped, PROT_READ | PROT_WRITE);
    memset(a.pages, POISON, a.mapped);
    return a.pages + a.mapped - rounded(bytes, ALIGNMENT);
}

// unmap_pages takes the pages away. Their addresses are not used again: whoever still has one is found out.
void unmap_pages(const Allocation& a) {
    mmap(a.pages, a.mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

CUresult allocate(void** out, size_t bytes, bool pinned) {
    Device& device = *current_context->device;
    if (bytes == 0)
        return CUDA_ERROR_INVALID_VALUE;
    if (strike(pinned ? &Faults::pinned : &Faults::alloc, &device) || (!pinned && device.used + bytes > driver.memory))
        return CUDA_ERROR_OUT_OF_MEMORY;
    expose(current_context);
    Allocation a{bytes, pinned, nullptr, 0};
    char* const p = map(bytes, a);
    if (!p)
        return CUDA_ERROR_OUT_OF_MEMORY;
    current_context->allocations[p] = a;
    device.used += pinned ? 0 : bytes;
    *out = p;
    return CUDA_SUCCESS;
}

CUresult release(void* p, bool pinned) {
    auto& allocations = current_context->allocations;
    const auto at = allocations.find(static_cast<char*>(p));
    if (at == allocations.end() || at->second.pinned != pinned)
        return CUDA_ERROR_INVALID_VALUE;
    drain_streams(current_context, false);
    current_context->device->used -= pinned ? 0 : at->second.bytes;
    unmap_pages(at->second);
    allocations.erase(at);
    return current_context->sticky;
}

// holds reports whether the bytes at p lie in an allocation of a kind of a context, and in which.
bool holds(CUcontext c, const void* p, size_t bytes, bool pinned, uint64_t* begin = nullptr, uint64_t* size = nullptr) {
    auto at = c->allocations.upper_bound(static_cast<char*>(const_cast<void*>(p)));
    if (at == c->allocations.begin())
        return false;
    --at;
    const size_t offset = static_cast<const char*>(p) - at->first;
    if (at->second.pinned != pinned || offset + bytes > at->second.bytes)
        return false;
    if (begin)
        *begin = reinterpret_cast<uint64_t>(at->first), *size = at->second.bytes;
    return true;
}

// within reports whether the bytes at p lie in an allocation of a kind. Pinned memory serves all devices.
bool within(const void* p, size_t bytes, bool pinned) {
    if (!pinned)
        return holds(current_context, p, bytes, false);
    return std::any_of(driver.devices.begin(), driver.devices.end(),
                       [&](const Device& d) { return d.primary && holds(d.primary, p, bytes, true); });
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
    const CUresult err = async ? drain(s) : drain_streams(current_context, true);
    return err != CUDA_SUCCESS ? err : run(current_context, work);
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

void* pointer(CUdeviceptr p) {
    return reinterpret_cast<void*>(p);
}

} // namespace

CUresult emulated::check_borders(CUcontext c) {
    expose(c);
    for (auto& [p, a] : c->allocations)
        if (!intact(p, a)) {
            fprintf(stderr, "emulated driver: something wrote beyond an allocation of %zu bytes\n", a.bytes);
            return CUDA_ERROR_ILLEGAL_ADDRESS;
        }
    return CUDA_SUCCESS;
}

void emulated::expose(CUcontext c) {
    if (c == exposed)
        return;
    for (const auto& [context, protection] : {std::pair(exposed, PROT_NONE), std::pair(c, PROT_READ | PROT_WRITE)})
        if (context)
            for (auto& [p, a] : context->allocations)
                if (!a.pinned)
                    mprotect(a.pages, a.mapped, protection);
    exposed = c;
}

void emulated::unmap(CUcontext c) {
    for (auto& [p, a] : c->allocations) {
        c->device->used -= a.pinned ? 0 : a.bytes;
        unmap_pages(a);
    }
    c->allocations.clear();
    c->device->used -= c->grown;
    c->grown = 0;
    if (exposed == c)
        exposed = nullptr;
}

bool device_range(uint64_t at, uint64_t* begin, uint64_t* bytes) {
    return exposed && holds(exposed, reinterpret_cast<void*>(at), 1, false, begin, bytes);
}

bool emulated_grow(size_t bytes) {
    std::lock_guard<std::recursive_mutex> guard(driver.lock);
    Device& device = *current_context->device;
    if (device.used + bytes > driver.memory)
        return false;
    device.used += bytes;
    current_context->grown += bytes;
    return true;
}

extern "C" {

CUresult cuMemGetInfo(size_t* available, size_t* total) {
    BEGIN();
    const size_t used = current_context->device->used;
    *available = used < driver.memory ? driver.memory - used : 0;
    *total = driver.memory;
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
    if (CUresult err = unsafe())
        return err;
    return allocate(p, bytes, true);
}

CUresult cuMemFreeHost(void* p) {
    BEGIN();
    if (CUresult err = unsafe())
        return err;
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

CUresult cuMemsetD32(CUdeviceptr p, unsigned value, size_t count) {
    BEGIN();
    return fill(p, value, count, nullptr, false);
}

CUresult cuMemsetD32Async(CUdeviceptr p, unsigned value, size_t count, CUstream stream) {
    BEGIN();
    return fill(p, value, count, stream, true);
}

} // extern "C"
