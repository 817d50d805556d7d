// Tests of blocks of threads: what a kernel may rely on, and what the emulation refuses.

#include "block.h"

#include <cstdio>
#include <cstdlib>

namespace {

void check(bool ok, const char* what) {
    if (!ok)
        fprintf(stderr, "block_test: %s\n", what), exit(1);
}

// Every thread hands a number to the next one through shared memory, twice.
void barriers() {
    static int slots[1024];
    bool good = true;
    const auto body = [&] {
        const unsigned i = threadIdx.y * blockDim.x + threadIdx.x, n = blockDim.x * blockDim.y;
        for (int round = 0; round < 2; round++) {
            slots[i] = (int)i + round;
            block_barrier(1);
            good = good && slots[(i + 1) % n] == (int)((i + 1) % n) + round;
            block_barrier(1);
        }
    };
    check(run_grid({3, 2, 1}, {37, 5, 1}, body).empty() && good, "barriers");
}

// A barrier does not wait for threads that have ended.
void ended() {
    int passed = 0;
    const auto body = [&] {
        if (threadIdx.x % 3 == 0)
            return;
        block_barrier(1);
        passed++;
    };
    check(run_grid({2, 1, 1}, {96, 1, 1}, body).empty() && passed == 2 * 64, "barrier after some threads ended");
}

// exchange returns the number of the lane at a distance.
unsigned exchange(unsigned x, unsigned distance, unsigned mask = 0xffffffff) {
    bool in_range;
    return shuffle_bfly(x, distance, 31, mask, &in_range, 1);
}

void shuffles() {
    bool good = true;
    const auto body = [&] {
        unsigned sum = threadIdx.x;
        for (unsigned distance = 16; distance > 0; distance /= 2)
            sum += exchange(sum, distance);
        const unsigned first = threadIdx.x / 32 * 32;
        good = good && sum == 32 * first + 31 * 16;
    };
    check(run_grid({4, 1, 1}, {256, 1, 1}, body).empty() && good, "shuffles");
}

// Lanes with the same number find each other, and see what the others wrote before __syncwarp.
void matches() {
    static int slots[64];
    bool good = true;
    const auto body = [&] {
        const int lane = threadIdx.x % 32, group = lane < 20 ? lane % 3 : -1;
        unsigned want = 0;
        for (int i = 0; i < 32; i++)
            want |= (unsigned)((i < 20 ? i % 3 : -1) == group) << i;
        slots[threadIdx.x] = lane;
        good = good && matching((unsigned)group, 0xffffffff, 2) == want;
        warp_barrier(~0u, 1);
        good = good && slots[threadIdx.x ^ 31] == (lane ^ 31);
        warp_barrier(~0u, 1);
    };
    check(run_grid({3, 1, 1}, {64, 1, 1}, body).empty() && good, "matches");
}

// Without a barrier between them, a write and a read by another thread are a race: blocks run in either order, so it shows.
void races() {
    static int shared;
    int seen = 0;
    const auto body = [&] {
        if (threadIdx.x == 0)
            shared = (int)blockIdx.x + 1;
        if (threadIdx.x == 1 && shared == (int)blockIdx.x + 1)
            seen++;
    };
    check(run_grid({10, 1, 1}, {2, 1, 1}, body).empty() && seen == 5, "races show");
}

void refused() {
    const auto lone = [] { // lanes of a warp part
        if (threadIdx.x < 16)
            exchange(1, 1);
    };
    check(!run_grid({1, 1, 1}, {32, 1, 1}, lone).empty(), "a shuffle that waits for ever");
    const auto part = [] { exchange(1, 1, 0xffff); };
    check(!run_grid({1, 1, 1}, {32, 1, 1}, part).empty(), "a shuffle of half a warp");
    const auto mixed = [] { // one half waits for the block, the other for the warp
        if (threadIdx.x < 16)
            block_barrier(1);
        else
            exchange(1, 1);
    };
    check(!run_grid({1, 1, 1}, {32, 1, 1}, mixed).empty(), "threads that wait for different things");
}

} // namespace

int main() {
    barriers();
    ended();
    shuffles();
    matches();
    races();
    refused();
    barriers(); // the fibers are whole after what failed
}
