// How kernels run. Settings, read when the library is loaded, and its symbols for a process that is running:
//
//	AUTOAMP_EMULATED_RACES            not empty: threads in random order, and a race ends the kernel
//	AUTOAMP_EMULATED_APPROXIMATIONS   1, -1 or 2: approximate instructions are off upwards, downwards or not at all
//
//	void autoamp_emulated_races(int on);
//	void autoamp_emulated_approximations(int mode);   0: either way, the default
//
// See race.h and approximations.h.

#include "approximations.h"
#include "race.h"

#include <cstdlib>

extern "C" {

void autoamp_emulated_races(int on) { set_racing(on != 0); }
void autoamp_emulated_approximations(int mode) { set_approximations(mode); }

} // extern "C"

namespace {

__attribute__((constructor)) void settings() {
    const char* const races = getenv("AUTOAMP_EMULATED_RACES");
    set_racing(races && *races);
    if (const char* mode = getenv("AUTOAMP_EMULATED_APPROXIMATIONS"))
        set_approximations(atoi(mode));
}

} // namespace
