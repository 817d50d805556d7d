// Fibers: a thread of a block is a stack and a place where it stopped.
//
// Threads run in order, in every other block from the last to the first: a kernel that lacks a barrier computes something
// else there. Blocks change their order from launch to launch. A thread runs until it ends or waits. One that ends without
// having waited leaves its stack to the next, so that a kernel without barriers costs little more than a loop.

#include "block.h"

#include <sys/mman.h>
#include <vector>

#ifndef __x86_64__
#include <ucontext.h>
#endif

dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace {

constexpr size_t STACK = 64 << 10;
constexpr unsigned WARP = 32, MAX_THREADS = 1024;

enum State { ENDED, RUNS, WAITS_FOR_BLOCK, WAITS_FOR_WARP };

struct Fiber {
    char* stack = nullptr;
    State state = ENDED;
    unsigned rank = 0; // within the block
    dim3 index{};
#ifdef __x86_64__
    void* sp = nullptr;
#else
    ucontext_t context;
#endif
};

struct Warp {
    unsigned size, arrived;
    unsigned turn; // alternates: a slow lane may still read the last exchange
    uint64_t slots[2][WARP];
};

// The one block that runs.
std::vector<char*> stacks; // not in use
Fiber fibers[MAX_THREADS];
Warp warps[MAX_THREADS / WARP];
Fiber* current;
unsigned alive, arrived;
const std::function<void()>* thread_body;
std::string failure;

#ifdef __x86_64__
void* main_sp;

// switch_stack saves the registers that a call keeps on the present stack and continues on the other one.
extern "C" void switch_stack(void** save, void* to);
asm(R"(
.text
.type switch_stack, @function
switch_stack:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size switch_stack, .-switch_stack
)");

void to_main() {
    switch_stack(&current->sp, main_sp);
}
void to_fiber(Fiber& f) {
    switch_stack(&main_sp, f.sp);
}

void prepare(Fiber& f, void (*entry)()) {
    void** top = reinterpret_cast<void**>(f.stack + STACK) - 1; // entry sees the alignment of a call
    *--top = reinterpret_cast<void*>(entry);
    f.sp = top - 6; // registers of no interest
}
#else
ucontext_t main_context;

void to_main() {
    swapcontext(&current->context, &main_context);
}
void to_fiber(Fiber& f) {
    swapcontext(&main_context, &f.context);
}

void prepare(Fiber& f, void (*entry)()) {
    getcontext(&f.context);
    f.context.uc_stack.ss_sp = f.stack;
    f.context.uc_stack.ss_size = STACK;
    makecontext(&f.context, entry, 0);
}
#endif

void release_block() {
    if (arrived == 0 || arrived < alive)
        return;
    arrived = 0;
    for (unsigned i = 0; i < MAX_THREADS; i++)
        if (fibers[i].state == WAITS_FOR_BLOCK)
            fibers[i].state = RUNS;
}

void entry() {
    (*thread_body)();
    current->state = ENDED;
    alive--;
    release_block();
    to_main();
}

void resume(Fiber& f) {
    current = &f;
    threadIdx = f.index;
    to_fiber(f);
    if (f.state == ENDED) {
        stacks.push_back(f.stack);
        f.stack = nullptr;
    }
}

char* new_stack() {
    if (stacks.empty())
        return static_cast<char*>(mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    char* stack = stacks.back();
    stacks.pop_back();
    return stack;
}

void begin(Fiber& f, unsigned rank) {
    f.rank = rank;
    f.index = {rank % blockDim.x, rank / blockDim.x % blockDim.y, rank / blockDim.x / blockDim.y};
    f.stack = new_stack();
    f.state = RUNS;
    prepare(f, entry);
    resume(f);
}

// nth is the i-th of n in either order.
unsigned nth(unsigned i, unsigned n, bool backwards) {
    return backwards ? n - 1 - i : i;
}

void run_block(unsigned threads, bool backwards) {
    alive = threads;
    arrived = 0;
    for (unsigned w = 0; w * WARP < threads; w++)
        warps[w].size = threads - w * WARP < WARP ? threads - w * WARP : WARP, warps[w].arrived = 0;
    for (unsigned i = 0; i < threads; i++)
        begin(fibers[nth(i, threads, backwards)], nth(i, threads, backwards));
    while (alive > 0) {
        bool progress = false;
        for (unsigned i = 0; i < threads; i++)
            if (Fiber& f = fibers[nth(i, threads, backwards)]; f.state == RUNS) {
                resume(f);
                progress = true;
            }
        if (!progress) {
            failure = "threads wait for others that never come";
            break;
        }
    }
    for (unsigned i = 0; i < threads; i++)
        if (fibers[i].stack) {
            stacks.push_back(fibers[i].stack);
            fibers[i].stack = nullptr;
            fibers[i].state = ENDED;
        }
}

} // namespace

void __syncthreads() {
    current->state = WAITS_FOR_BLOCK;
    arrived++;
    release_block();
    if (current->state != RUNS)
        to_main();
}

namespace {

// offer gives every lane of a warp the numbers of all.
const uint64_t* offer(uint64_t bits, unsigned mask) {
    const unsigned first = current->rank / WARP * WARP, lane = current->rank % WARP;
    Warp& warp = warps[first / WARP];
    if (mask != 0xffffffff || warp.size != WARP)
        failure = "a shuffle of less than a warp";
    uint64_t* const slots = warp.slots[warp.turn];
    slots[lane] = bits;
    current->state = WAITS_FOR_WARP;
    if (++warp.arrived < warp.size) {
        to_main();
        return slots;
    }
    warp.arrived = 0;
    warp.turn ^= 1;
    for (unsigned i = 0; i < warp.size; i++)
        fibers[first + i].state = RUNS;
    return slots;
}

} // namespace

uint64_t exchange(uint64_t bits, unsigned mask, unsigned from) { return offer(bits, mask)[from]; }

unsigned __match_any_sync(unsigned mask, int x) {
    const uint64_t* const slots = offer((uint32_t)x, mask);
    unsigned same = 0;
    for (unsigned i = 0; i < WARP; i++)
        same |= (unsigned)(slots[i] == (uint32_t)x) << i;
    return same;
}

std::string run_grid(dim3 grid, dim3 block, const std::function<void()>& body) {
    gridDim = grid;
    blockDim = block;
    thread_body = &body;
    failure.clear();
    static bool backwards;
    backwards = !backwards;
    const uint64_t blocks = (uint64_t)grid.x * grid.y * grid.z;
    for (uint64_t i = 0; i < blocks && failure.empty(); i++) {
        const uint64_t b = backwards ? blocks - 1 - i : i;
        blockIdx = {(unsigned)(b % grid.x), (unsigned)(b / grid.x % grid.y), (unsigned)(b / grid.x / grid.y)};
        run_block(block.x * block.y * block.z, i % 2 != 0);
    }
    return failure;
}
