// The kernels of the fatbin, as cuda/emulated/ptxcpp translates them.

#pragma once

#include "block.h"

#include <cuda.h>

#include <cstdint>
#include <string>
#include <vector>

// Region is a part of a larger piece of memory.
struct Region {
    unsigned offset, bytes;
};

// Range is memory with an address.
struct Range {
    uint64_t low, bytes;
};

struct Kernel {
    const char* name;
    unsigned threads; // the most that a block may have: .maxntid
    unsigned granule; // bytes of the smallest access to memory that threads share
    std::vector<Region> arguments, shared;
    unsigned dynamic; // where dynamic shared memory begins
    void (*thread)(const char* arguments);

    // pack copies the arguments of a launch.
    std::vector<char> pack(void* const* params) const;
};

// Entry is a kernel and the line of the PTX where it begins.
struct Entry {
    const Kernel* kernel;
    int line;
};

const std::vector<Entry>& kernels();

// variables are the module's variables in global and constant memory.
const std::vector<Range>& variables();

// run_kernel runs a grid of blocks. failure says what went wrong, with the line of the PTX and the thread; else it is empty.
CUresult run_kernel(const Entry& entry, dim3 grid, dim3 block, unsigned dynamic_bytes, const std::vector<char>& arguments,
                    std::string* failure);
