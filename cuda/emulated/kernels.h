#pragma once

#include <functional>
#include <vector>

// Kernel is a kernel: bind copies the arguments and returns what one thread does.
struct Kernel {
    const char* name;
    std::function<std::function<void()>(void* const* params)> bind;
};

const std::vector<Kernel>& kernels();
