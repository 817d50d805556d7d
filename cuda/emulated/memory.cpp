// Memory and copies of the emulated driver.

#include "state.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace emulated;

namespace {

constexpr size_t BORDER = 256;         // before and behind every allocation
constexpr unsigned char POISON = 0xff; // NaN as float32, float64 and bf16

// intact reports whether the borders of an allocation are as they were made.
bool intact(char* p, const Allocation& a) {
    for (size_t i = 0; i < BORDER; i++)
        if ((unsigned char)p[-1 - (long)i] != POISON || (unsigned char)p[a.bytes + i] != POISON)
            return false;
    return true;
}

CUresult allocate(void** out, size_t bytes, bool pinned) {
    if (bytes == 0)
        return CUDA_ERROR_INVALID_VALUE;
    if (strike(pinned ? device.faults.pinned : device.faults.alloc) || (!pinned && bytes > device.memory - device.used))
        return CUDA_ERROR_OUT_OF_MEMORY;
    const size_t padded = (bytes + 255) / 256 * 256;
    char* block = static_cast<char*>(aligned_alloc(256, padded + 2 * BORDER));
    if (!block)
        return CUDA_ERROR_OUT_OF_MEMORY;
    memset(block, POISON, padded + 2 * BORDER);
    device.allocations[block + BORDER] = {bytes, pinned};
    device.used += pinned ? 0 : bytes;
    *out = block + BORDER;
    return CUDA_SUCCESS;
}

CUresult release(void* p, bool pinned) {
    const auto at = device.allocations.find(static_cast<char*>(p));
    if (at == device.allocations.end() || at->second.pinned != pinned)
        return CUDA_ERROR_INVALID_VALUE;
    drain_streams(false);
    device.used -= pinned ? 0 : at->second.bytes;
    memset(p, POISON, at->second.bytes);
    device.allocations.erase(at);
    free(static_cast<char*>(p) - BORDER);
    return device.sticky;
}

// within reports whether the bytes at p lie in an allocation of a kind.
bool within(const void* p, size_t bytes, bool pinned) {
    auto at = device.allocations.upper_bound(static_cast<char*>(const_cast<void*>(p)));
    if (at == device.allocations.begin())
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

void* pointer(CUdeviceptr p) {
    return reinterpret_cast<void*>(p);
}

} // namespace

CUresult emulated::check_borders() {
    for (auto& [p, a] : device.allocations)
        if (!intact(p, a)) {
            fprintf(stderr, "emulated driver: something wrote beyond an allocation of %zu bytes\n", a.bytes);
            return CUDA_ERROR_ILLEGAL_ADDRESS;
        }
    return CUDA_SUCCESS;
}

extern "C" {

CUresult cuMemGetInfo(size_t* available, size_t* total) {
    BEGIN();
    *available = device.used < device.memory ? device.memory - device.used : 0;
    *total = device.memory;
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
