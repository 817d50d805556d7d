// A race detector: two threads of a kernel touch the same bytes, one of them writes, and no barrier lies between.

#pragma once

#include <cstdint>

enum class Space { GLOBAL, SHARED };

// set_racing turns the detector on: threads then run in random order, and stop at random accesses to let others run.
void set_racing(bool on);
bool racing();

// begin_race begins a kernel. granule is the size of its smallest access.
void begin_race(unsigned granule);

// race records an access and ends the kernel if it is a race.
void race(Space space, uint64_t at, unsigned size, bool write, int line);
