// How kernels run, read when the library is loaded:
//
//	AUTOAMP_EMULATED_RACES            not empty: threads in random order, and a race ends the kernel; see race.h
//	AUTOAMP_EMULATED_APPROXIMATIONS   1, -1 or 2: approximate instructions are off upwards, downwards or not at all; unset: either
//	                                  way, see approximations.h
//	AUTOAMP_EMULATED_SUMS             backwards or halves: the order in which tensor cores add up, see tensor.h; blas.cpp reads it too

#include "approximations.h"
#include "race.h"
#include "tensor.h"

#include <cstdlib>

namespace {

__attribute__((constructor)) void settings() {
    const char* const races = getenv("AUTOAMP_EMULATED_RACES");
    set_racing(races && *races);
    if (const char* mode = getenv("AUTOAMP_EMULATED_APPROXIMATIONS"))
        set_approximations(atoi(mode));
    set_tensor_sums(order_of_sums());
}

} // namespace
