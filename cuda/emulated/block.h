// Blocks of threads on one host thread.

#pragma once

#include <functional>
#include <string>

#include "device.h"

// run_grid runs body once for every thread of a grid, block by block. It returns what went wrong: threads that wait for each
// other for ever, or a shuffle that hardware does not define; else nothing.
std::string run_grid(dim3 grid, dim3 block, const std::function<void()>& body);
