// What a device and a kernel allow: the numbers of a GPU of compute capability 9.0, and nvcc's own table of the registers and the
// shared memory that each kernel takes.

#include "state.h"

#include "kernels.h"

#include <cstdio>
#include <cstring>

using namespace emulated;

// The fatbin of which the table is.
extern "C" const char emulated_fatbin[], emulated_fatbin_end[];
asm(".section .rodata\n"
    "emulated_fatbin: .incbin \"" FATBIN "\"\n"
    "emulated_fatbin_end: .previous\n");

namespace {

constexpr unsigned THREADS = 1024, REGISTERS = 65536, WARP = 32, PER_WARP = 256;
constexpr int SHARED = 48 << 10, SHARED_OPT_IN = 227 << 10;

// resources.inc has a line {"Name", {registers, shared bytes}} for every kernel of the fatbin.
const std::map<std::string, Resources> table = {
#include "resources.inc"
};

bool small_block(const Extent& block) {
    return block.x && block.y && block.z && block.x <= THREADS && block.y <= THREADS && block.z <= 64 &&
           (unsigned long long)block.x * block.y * block.z <= THREADS;
}

// registers is what a block takes: a warp's registers come by the 256.
unsigned registers(const Extent& block, unsigned each) {
    const unsigned warps = (block.x * block.y * block.z + WARP - 1) / WARP;
    return warps * ((each * WARP + PER_WARP - 1) / PER_WARP * PER_WARP);
}

bool small_grid(const Extent& grid) {
    return grid.x && grid.y && grid.z && grid.x <= 0x7fffffff && grid.y <= 0xffff && grid.z <= 0xffff;
}

CUresult refuse(const char* kernel, CUresult code, const char* what, const Extent& n) {
    fprintf(stderr, "emulated driver: %s: a launch with %s (%u, %u, %u)\n", kernel, what, n.x, n.y, n.z);
    return code;
}

} // namespace

bool emulated::is_fatbin(const void* image) {
    const size_t bytes = emulated_fatbin_end - emulated_fatbin;
    if (memcmp(image, emulated_fatbin, 16) == 0 && memcmp(image, emulated_fatbin, bytes) == 0) // magic, version and size come first
        return true;
    fprintf(stderr, "emulated driver: not the fatbin that this driver was built with: make emulated\n");
    return false;
}

const Resources* emulated::resources(const std::string& kernel) {
    const auto at = table.find(kernel);
    return at == table.end() ? nullptr : &at->second;
}

CUresult emulated::within_limits(const CUfunc_st& f, const Extent& grid, const Extent& block, unsigned dynamic) {
    const char* const name = f.entry->kernel->name;
    if (!small_grid(grid))
        return refuse(name, CUDA_ERROR_INVALID_VALUE, "a grid of", grid);
    if (!small_block(block))
        return refuse(name, CUDA_ERROR_INVALID_VALUE, "a block of", block);
    if ((int)dynamic > f.dynamic)
        return refuse(name, CUDA_ERROR_INVALID_VALUE, "dynamic shared memory of", {dynamic, 1, 1});
    if (const unsigned n = registers(block, f.resources->registers); n > REGISTERS)
        return refuse(name, CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "registers of", {n, 1, 1});
    return CUDA_SUCCESS;
}

int emulated::free_shared(const Resources& r) {
    return SHARED - r.shared;
}

extern "C" {

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice ordinal) {
    BEGIN(false);
    if (ordinal < 0 || ordinal >= driver.visible)
        return CUDA_ERROR_INVALID_DEVICE;
    const bool old = driver.devices[ordinal].faults.old_card || driver.faults.old_card;
    const std::map<CUdevice_attribute, int> attributes = {
        {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, old ? 7 : 9},
        {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, old ? 5 : 0},
        {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 132},
        {CU_DEVICE_ATTRIBUTE_WARP_SIZE, WARP},
        {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, THREADS},
        {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, SHARED},
        {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, SHARED_OPT_IN},
        {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 228 << 10},
        {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK, REGISTERS},
    };
    const auto at = attributes.find(attribute);
    if (at == attributes.end())
        return CUDA_ERROR_INVALID_VALUE;
    *value = at->second;
    return CUDA_SUCCESS;
}

CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction f) {
    BEGIN();
    if (!is_alive(f))
        return CUDA_ERROR_INVALID_HANDLE;
    switch (attribute) {
    case CU_FUNC_ATTRIBUTE_NUM_REGS:
        *value = f->resources->registers;
        return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
        *value = f->resources->shared;
        return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
        *value = f->dynamic;
        return CUDA_SUCCESS;
    default:
        return CUDA_ERROR_INVALID_VALUE;
    }
}

CUresult cuFuncSetAttribute(CUfunction f, CUfunction_attribute attribute, int value) {
    BEGIN();
    if (!is_alive(f))
        return CUDA_ERROR_INVALID_HANDLE;
    if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0 || value + f->resources->shared > SHARED_OPT_IN)
        return CUDA_ERROR_INVALID_VALUE;
    f->dynamic = value;
    return CUDA_SUCCESS;
}

} // extern "C"
