// Faults of the emulated driver, by AUTOAMP_EMULATED_FAULT or autoamp_emulated_fault. README.md lists them.
//
// A failed launch, like a real one, is reported by the next call that waits, and by every call from then on until the
// context is destroyed.

#include "state.h"

#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace emulated {

namespace {

bool counted(long& count) {
    return count > 0 && --count == 0;
}

// heal mends a device. It ends every capture, as a new context would: a failure may have come before the end of one.
void heal(Device& d) {
    d.faults = Faults();
    d.lost = false;
    if (!d.primary)
        return;
    d.primary->sticky = CUDA_SUCCESS;
    for (CUstream s : d.primary->streams) {
        delete s->capture;
        s->capture = nullptr;
        s->broken = false;
    }
}

// set adds one fault, of a kind, and reports whether there is such a kind.
bool set(Faults& faults, const std::string& kind, const std::string& value) {
    const std::map<std::string, long Faults::*> counts = {
        {"alloc", &Faults::alloc}, {"pinned", &Faults::pinned}, {"launch", &Faults::launch}, {"lost", &Faults::lost}};
    const std::map<std::string, bool Driver::*> facts = {
        {"nodevice", &Driver::no_device}, {"nocublas", &Driver::no_cublas}};
    const long count = atol(value.c_str());
    if (kind == "launch" && count <= 0)
        faults.kernels.insert(value);
    else if (kind == "nocublas" && count > 0)
        driver.no_cublas_of = (int)count;
    else if (counts.count(kind))
        faults.*counts.at(kind) = count;
    else if (facts.count(kind))
        driver.*facts.at(kind) = true;
    else if (kind == "cuda")
        driver.version = (int)count;
    else if (kind == "oldcard")
        faults.old_card = true;
    else
        return false;
    return true;
}

} // namespace

bool strike(long Faults::* count, Device* device) {
    const bool everywhere = counted(driver.faults.*count);
    return (device && counted(device->faults.*count)) || everywhere;
}

void lose(Device* device) {
    for (Device& d : driver.devices)
        if (!device || device == &d) {
            d.lost = true;
            if (d.primary)
                d.primary->sticky = CUDA_ERROR_ILLEGAL_ADDRESS;
        }
}

void set_devices(int count) {
    while ((int)driver.devices.size() < count)
        driver.devices.push_back({(int)driver.devices.size()});
    driver.visible = count;
}

void set_faults(const char* text) {
    driver.faults = Faults();
    driver.no_device = driver.no_cublas = false;
    driver.no_cublas_of = 0;
    driver.version = CUDA_VERSION;
    for (Device& d : driver.devices)
        heal(d);
    std::istringstream faults(text ? text : "");
    for (std::string one; std::getline(faults, one, ',');) {
        const size_t at = one.find('@'), colon = one.find(':');
        const std::string what = one.substr(0, at), kind = what.substr(0, colon);
        const int ordinal = at == std::string::npos ? -1 : atoi(one.c_str() + at + 1);
        const std::string value = colon == std::string::npos ? "" : what.substr(colon + 1);
        if (ordinal >= (int)driver.devices.size() ||
            !set(ordinal < 0 ? driver.faults : driver.devices[ordinal].faults, kind, value))
            fprintf(stderr, "emulated driver: no fault %s\n", one.c_str()), abort();
    }
}

CUresult launched(Device& device, const std::string& name) {
    const bool struck = strike(&Faults::launch, &device);
    if (struck || driver.faults.kernels.count(name) || device.faults.kernels.count(name))
        return CUDA_ERROR_LAUNCH_FAILED;
    return CUDA_SUCCESS;
}

} // namespace emulated

using namespace emulated;

bool emulated_cublas(int major) {
    std::lock_guard<std::recursive_mutex> guard(driver.lock);
    return !driver.no_cublas && driver.no_cublas_of != major && major <= driver.version / 1000;
}

bool emulated_tf32_rounds() {
    return driver.tf32_rounds;
}

extern "C" {

void autoamp_emulated_tf32(int rounds) {
    std::lock_guard<std::recursive_mutex> guard(driver.lock);
    driver.tf32_rounds = rounds;
}

void autoamp_emulated_fault(const char* text) {
    std::lock_guard<std::recursive_mutex> guard(driver.lock);
    set_faults(text);
}

void autoamp_emulated_memory(size_t bytes) {
    std::lock_guard<std::recursive_mutex> guard(driver.lock);
    driver.memory = bytes;
}

void autoamp_emulated_devices(int count) {
    std::lock_guard<std::recursive_mutex> guard(driver.lock);
    set_devices(count);
}

int autoamp_emulated_nodes(void) {
    std::lock_guard<std::recursive_mutex> guard(driver.lock);
    return driver.nodes;
}

int autoamp_emulated_leaks(void) {
    std::lock_guard<std::recursive_mutex> guard(driver.lock);
    size_t leaks = 0;
    for (const Device& d : driver.devices)
        leaks += d.users + (d.primary ? d.primary->allocations.size() + d.primary->handles.size() : 0);
    return (int)leaks;
}

} // extern "C"
