// Faults of the emulated driver, by AUTOAMP_EMULATED_FAULT or autoamp_emulated_fault: separated by commas, counted from when
// they are set:
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
// A failed launch, like a real one, is reported by the next call that waits, and by every call from then on until the
// context is destroyed.

#include "state.h"

#include <cstdio>
#include <cstdlib>

namespace emulated {

// strike counts a fault down and reports whether it happens now.
bool strike(long& count) {
    return count > 0 && --count == 0;
}

// abandon ends every capture, as a new context would: a failure may have come before the end of one.
void abandon() {
    for (CUstream s : device.streams) {
        delete s->capture;
        s->capture = nullptr;
        s->broken = false;
    }
}

void set_faults(const char* text) {
    device.faults = Faults();
    device.sticky = CUDA_SUCCESS;
    abandon();
    std::string rest = text ? text : "";
    while (!rest.empty()) {
        const size_t comma = rest.find(',');
        const std::string one = rest.substr(0, comma);
        rest = comma == std::string::npos ? "" : rest.substr(comma + 1);
        const size_t colon = one.find(':');
        const std::string kind = one.substr(0, colon), value = colon == std::string::npos ? "" : one.substr(colon + 1);
        const long count = atol(value.c_str());
        if (kind == "alloc")
            device.faults.alloc = count;
        else if (kind == "pinned")
            device.faults.pinned = count;
        else if (kind == "launch" && count > 0)
            device.faults.launch = count;
        else if (kind == "launch")
            device.faults.kernels.insert(value);
        else if (kind == "lost")
            device.faults.lost = count;
        else if (kind == "nodevice")
            device.faults.no_device = true;
        else if (kind == "olddriver")
            device.faults.old_driver = true;
        else if (kind == "nocublas")
            device.faults.no_cublas = true;
        else
            fprintf(stderr, "emulated driver: no fault %s\n", one.c_str()), abort();
    }
}

CUresult launched(const std::string& name) {
    if (strike(device.faults.launch) || device.faults.kernels.count(name))
        return CUDA_ERROR_LAUNCH_FAILED;
    return CUDA_SUCCESS;
}

} // namespace emulated

using namespace emulated;

bool emulated_cublas() {
    std::lock_guard<std::recursive_mutex> guard(device.lock);
    return !device.faults.no_cublas;
}

bool emulated_tf32_rounds() {
    return device.tf32_rounds;
}

extern "C" {

void autoamp_emulated_tf32(int rounds) {
    std::lock_guard<std::recursive_mutex> guard(device.lock);
    device.tf32_rounds = rounds;
}

void autoamp_emulated_fault(const char* text) {
    std::lock_guard<std::recursive_mutex> guard(device.lock);
    set_faults(text);
}

void autoamp_emulated_memory(size_t bytes) {
    std::lock_guard<std::recursive_mutex> guard(device.lock);
    device.memory = bytes;
}

int autoamp_emulated_nodes(void) {
    std::lock_guard<std::recursive_mutex> guard(device.lock);
    return device.nodes;
}

int autoamp_emulated_leaks(void) {
    std::lock_guard<std::recursive_mutex> guard(device.lock);
    return (int)(device.allocations.size() + device.handles.size() + device.primary_users);
}

} // extern "C"
