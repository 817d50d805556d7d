// What the emulated cuBLAS and the kernels need of the emulated driver.

#pragma once

#include <cuda.h>

#include <cstdint>
#include <functional>

// emulated_enqueue puts work on a stream, or into the graph that is being captured from it. The work writes scratch memory, which
// no other work may do at the same time; null for none. It fails where the driver's calls fail.
CUresult emulated_enqueue(CUstream stream, const void* scratch, std::function<CUresult()> work);

// Capture says what is being captured: this stream, another one by the same thread, or nothing.
enum class Capture { NONE, THIS, ANOTHER };

Capture emulated_capture(CUstream stream);

// emulated_invalidate invalidates the captures during which this thread may not allocate or wait.
void emulated_invalidate();

// emulated_cublas reports whether cuBLAS of a major version can be initialised.
bool emulated_cublas(int major);

// emulated_grow takes memory of the current context's device for good, as kernels do that are loaded.
bool emulated_grow(size_t bytes);

// emulated_tf32_rounds reports whether TF32 products round their operands, or truncate them.
bool emulated_tf32_rounds();

// device_range finds the allocation of device memory, of the context whose work runs, in which an address lies.
bool device_range(uint64_t at, uint64_t* begin, uint64_t* bytes);
