// What the emulated cuBLAS needs of the emulated driver.

#pragma once

#include <cuda.h>

#include <functional>

// emulated_enqueue puts work on a stream, or into the graph that is being captured from it. It is called with the driver's
// other calls, and fails where they fail.
CUresult emulated_enqueue(CUstream stream, std::function<CUresult()> work);

// emulated_cublas reports whether cuBLAS can be initialised.
bool emulated_cublas();

// emulated_tf32_rounds reports whether TF32 products round their operands, or truncate them.
bool emulated_tf32_rounds();
