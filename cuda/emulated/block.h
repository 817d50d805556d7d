// Blocks of threads on one host thread: the threads of a block are fibers, which change places only where they wait for each other.

#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

struct dim3 {
    unsigned x, y, z;
};

extern dim3 threadIdx, blockIdx, blockDim, gridDim; // of the fiber that runs

extern int first_line; // of the kernel in the PTX. Elsewhere lines count from it.

struct Frame;
extern Frame* frames; // its local memory: see access.h

// run_grid runs body once for every thread of a grid, block by block, and begin before every block. It returns what went wrong:
// threads that wait for each other for ever, an exchange that hardware does not define, or what fail_thread was told; else
// nothing.
std::string run_grid(dim3 grid, dim3 block, const std::function<void()>& body, const std::function<void()>& begin = [] {});

// set_random_order lets threads run in random order, where they otherwise run from the first to the last or from the last to the
// first.
void set_random_order(bool random);

// The rest is for the thread that runs.

// fail_thread ends the grid.
[[noreturn]] void fail_thread(const std::string& why);

// yield lets other threads run, one time in so many.
void yield(unsigned one_in);

unsigned rank(); // within the block
unsigned lane();
uint64_t blocks_run();     // since the process began, this one included
unsigned block_barriers(); // that this block has passed
unsigned warp_barriers();  // that this thread has passed

// block_barrier waits for all threads of the block that have not ended. They must wait at the same line.
void block_barrier(int line);

// offer gives every lane of a warp the words of all: the k-th of lane i is 32·k + i. A warp must be whole, and meet at one line. The
// last lane to come combines the words before any lane has them.
constexpr unsigned MOST_WORDS = 5;
const uint64_t* offer(const uint64_t* words, unsigned count, unsigned mask, int line, void (*combine)(uint64_t* all) = nullptr);

inline const uint64_t* offer(uint64_t bits, unsigned mask, int line) { return offer(&bits, 1, mask, line); }

void warp_barrier(unsigned mask, int line);

// shuffles: see shfl.sync in the PTX ISA.
uint32_t shuffle_up(uint32_t x, unsigned b, unsigned c, unsigned mask, bool* in_range, int line);
uint32_t shuffle_down(uint32_t x, unsigned b, unsigned c, unsigned mask, bool* in_range, int line);
uint32_t shuffle_bfly(uint32_t x, unsigned b, unsigned c, unsigned mask, bool* in_range, int line);
uint32_t shuffle_idx(uint32_t x, unsigned b, unsigned c, unsigned mask, bool* in_range, int line);

// ballot returns the lanes where a condition holds, matching those whose number is this lane's.
uint32_t ballot(bool holds, unsigned mask, int line);
uint32_t matching(uint64_t x, unsigned mask, int line);

// reduced combines the numbers of a warp.
template <class T, class F> T reduced(T x, unsigned mask, int line, F combine) {
    const uint64_t* const all = offer((uint64_t)x, mask, line);
    T sum = (T)all[0];
    for (unsigned i = 1; i < 32; i++)
        sum = combine(sum, (T)all[i]);
    return sum;
}
template <class T> T reduced_add(T x, unsigned mask, int line) {
    return reduced(x, mask, line, [](T a, T b) { return (T)((uint64_t)a + (uint64_t)b); });
}
template <class T> T reduced_min(T x, unsigned mask, int line) {
    return reduced(x, mask, line, [](T a, T b) { return a < b ? a : b; });
}
template <class T> T reduced_max(T x, unsigned mask, int line) {
    return reduced(x, mask, line, [](T a, T b) { return a > b ? a : b; });
}
template <class T> T reduced_and(T x, unsigned mask, int line) {
    return reduced(x, mask, line, [](T a, T b) { return (T)(a & b); });
}
template <class T> T reduced_or(T x, unsigned mask, int line) {
    return reduced(x, mask, line, [](T a, T b) { return (T)(a | b); });
}
template <class T> T reduced_xor(T x, unsigned mask, int line) {
    return reduced(x, mask, line, [](T a, T b) { return (T)(a ^ b); });
}
