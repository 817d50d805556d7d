// What a thread of a kernel may touch: each load and store asks here for its address, with its size, and whether it writes.
//
// It must be aligned to its size, and lie within one allocation of the device or one variable. What is read of shared memory must
// have been written by the block. Local memory that nobody wrote is NaN: compilers copy structures that are written in part.
// line counts from the first one of the kernel in the PTX. What is refused ends the kernel.

#pragma once

#include "block.h"
#include "kernels.h"

// fault ends the kernel with a message.
[[noreturn]] void fault(int line, const char* format, ...) __attribute__((format(printf, 2, 3)));

// recent is the allocation of the last access, if accesses to it need no other check than the one below. It begins at a multiple
// of 16.
extern Range recent;

char* checked_global(uint64_t at, unsigned size, bool write, int line);

// global is the fast way: aligned, and not beyond the end of the allocation.
template <unsigned SIZE, bool WRITE> inline char* global(uint64_t at, int line) {
    if (__builtin_expect(at % SIZE == 0 && at - recent.low + (SIZE - 1) < recent.bytes, 1))
        return reinterpret_cast<char*>(at);
    return checked_global(at, SIZE, WRITE, line);
}

// Addresses in shared memory begin at 0 for every block. Elsewhere a generic address has shared memory from shared_window() on.
char* checked_shared(uint32_t at, unsigned size, bool write, int line);

template <unsigned SIZE, bool WRITE> inline char* shared(uint32_t at, int line) {
    return checked_shared(at, SIZE, WRITE, line);
}

uint64_t shared_window();
unsigned dynamic_shared(); // bytes

char* local(uint64_t at, unsigned size, bool write, int line);
char* generic(uint64_t at, unsigned size, bool write, int line);

bool in_shared(uint64_t generic);
bool in_local(uint64_t generic);
inline bool in_global(uint64_t generic) { return !in_shared(generic) && !in_local(generic); }

// A byte of shared memory is outside of every variable, or inside and not yet written, or written. Local memory is always written.
enum Byte : unsigned char { OUTSIDE = 0, INSIDE = 1, WRITTEN = 0xff };

// Frame is the local memory of a call.
struct Frame {
    Frame* outer;
    uint64_t low;
    unsigned bytes;
    unsigned char* state;
};

// Locals is a frame with BYTES of memory, in which the variables lie. It is the innermost one of its thread.
template <unsigned BYTES> struct Locals : Frame {
    alignas(16) char memory[BYTES];
    unsigned char states[BYTES];

    Locals(std::initializer_list<Region> variables) : Frame{frames, (uint64_t)memory, BYTES, states} {
        memset(memory, 0xff, BYTES);
        memset(states, OUTSIDE, BYTES);
        for (const Region& v : variables)
            memset(states + v.offset, WRITTEN, v.bytes);
        frames = this;
    }
    ~Locals() { frames = outer; }
};
