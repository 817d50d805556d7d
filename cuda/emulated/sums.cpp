// See sums.h.

#include "sums.h"

#include <cstdlib>
#include <cstring>

Sums order_of_sums() {
    const char* const s = getenv("AUTOAMP_EMULATED_SUMS");
    return !s || !*s ? Sums::FORWARDS : !strcmp(s, "backwards") ? Sums::BACKWARDS : Sums::HALVES;
}
