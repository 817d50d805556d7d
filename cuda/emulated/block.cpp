// Fibers: a thread of a block is a stack and a place where it stopped.
//
// Threads run in order, in every other block from the last to the first: a kernel that lacks a barrier computes something
// else there. Blocks change their order from launch to launch. On demand the order of threads is random. A thread runs until it
// ends, waits or yields. One that ends without having waited leaves its stack to the next, so that a kernel without barriers
// costs little more than a loop.

#include "block.h"

#include <algorithm>
#include <random>
#include <sys/mman.h>
#include <vector>

#ifndef __x86_64__
#include <ucontext.h>
#endif

dim3 threadIdx, blockIdx, blockDim, gridDim;
Frame* frames;
int first_line;

namespace {

constexpr size_t STACK = 256 << 10, PAGE = 4096; // the last page is a guard
constexpr unsigned WARP = 32, MAX_THREADS = 1024;

enum State { ENDED, RUNS, WAITS_FOR_BLOCK, WAITS_FOR_WARP };

struct Fiber {
    char* stack = nullptr;
    State state = ENDED;
    unsigned rank = 0; // within the block
    dim3 index{};
    unsigned warp_barriers = 0;
    Frame* frames = nullptr; // while it does not run
#ifdef __x86_64__
    void* sp = nullptr;
#else
    ucontext_t context;
#endif
};

struct Warp {
    unsigned size, arrived;
    unsigned turn; // alternates: a slow lane may still read the last exchange
    int line; // where the first lane waits
    uint64_t slots[2][MOST_WORDS * WARP];
};

// The one block that runs.
std::vector<char*> stacks; // not in use
Fiber fibers[MAX_THREADS];
Warp warps[MAX_THREADS / WARP];
Fiber* current;
unsigned alive, arrived, barriers;
int barrier_line;
uint64_t serial; // of the block
const std::function<void()>* thread_body;

unsigned order[MAX_THREADS];
bool random_order;
std::minstd_rand chance;
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
    barriers++;
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
    frames = f.frames;
    to_fiber(f);
    f.frames = frames;
    if (f.state == ENDED) {
        stacks.push_back(f.stack);
        f.stack = nullptr;
    }
}

char* new_stack() {
    if (stacks.empty()) {
        char* fresh = static_cast<char*>(mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        mprotect(fresh, PAGE, PROT_NONE);
        return fresh;
    }
    char* stack = stacks.back();
    stacks.pop_back();
    return stack;
}

void begin(Fiber& f, unsigned rank) {
    f.rank = rank;
    f.index = {rank % blockDim.x, rank / blockDim.x % blockDim.y, rank / blockDim.x / blockDim.y};
    f.stack = new_stack();
    f.state = RUNS;
    f.warp_barriers = 0;
    f.frames = nullptr;
    prepare(f, entry);
    resume(f);
}

std::string lines(int a, int b) {
    return "lines " + std::to_string(first_line + a) + " and " + std::to_string(first_line + b) + " of the PTX";
}

// arrange chooses the order of the threads.
void arrange(unsigned threads, bool backwards) {
    for (unsigned i = 0; i < threads; i++)
        order[i] = backwards ? threads - 1 - i : i;
    if (random_order)
        std::shuffle(order, order + threads, chance);
}

void empty_warps(unsigned threads) {
    for (unsigned w = 0; w * WARP < threads; w++)
        warps[w].size = threads - w * WARP < WARP ? threads - w * WARP : WARP, warps[w].arrived = 0;
}

// take_turns runs the threads that do not wait, again and again, until all have ended.
void take_turns(unsigned threads) {
    while (alive > 0 && failure.empty()) {
        bool progress = false;
        for (unsigned i = 0; i < threads && failure.empty(); i++)
            if (Fiber& f = fibers[order[i]]; f.state == RUNS) {
                resume(f);
                progress = true;
            }
        if (!progress)
            failure = "threads wait for others that never come";
    }
}

void run_block(unsigned threads, bool backwards) {
    serial++;
    alive = threads;
    arrived = barriers = 0;
    empty_warps(threads);
    arrange(threads, backwards);
    for (unsigned i = 0; i < threads && failure.empty(); i++)
        begin(fibers[order[i]], order[i]);
    take_turns(threads);
    for (unsigned i = 0; i < threads; i++)
        if (fibers[i].stack) {
            stacks.push_back(fibers[i].stack);
            fibers[i].stack = nullptr;
            fibers[i].state = ENDED;
        }
}

} // namespace

void set_random_order(bool random) { random_order = random; }

void fail_thread(const std::string& why) {
    failure = why;
    for (;;)
        to_main();
}

void yield(unsigned one_in) {
    if (chance() % one_in == 0)
        to_main();
}

unsigned rank() { return current->rank; }
unsigned lane() { return current->rank % WARP; }
uint64_t blocks_run() { return serial; }
unsigned block_barriers() { return barriers; }
unsigned warp_barriers() { return current->warp_barriers; }

void block_barrier(int line) {
    if (arrived > 0 && barrier_line != line)
        fail_thread("threads of a block wait at two barriers, of " + lines(barrier_line, line));
    barrier_line = line;
    current->state = WAITS_FOR_BLOCK;
    arrived++;
    release_block();
    if (current->state != RUNS)
        to_main();
}

const uint64_t* offer(const uint64_t* words, unsigned count, unsigned mask, int line, void (*combine)(uint64_t*)) {
    const unsigned first = current->rank / WARP * WARP;
    Warp& warp = warps[first / WARP];
    if (mask != 0xffffffff || warp.size != WARP)
        fail_thread("an exchange of less than a warp, of " + lines(line, line));
    if (warp.arrived > 0 && warp.line != line)
        fail_thread("lanes of a warp wait at " + lines(warp.line, line));
    warp.line = line;
    uint64_t* const slots = warp.slots[warp.turn];
    for (unsigned k = 0; k < count; k++)
        slots[k * WARP + lane()] = words[k];
    current->state = WAITS_FOR_WARP;
    if (++warp.arrived < warp.size) {
        to_main();
        return slots;
    }
    if (combine)
        combine(slots);
    warp.arrived = 0;
    warp.turn ^= 1;
    for (unsigned i = 0; i < warp.size; i++)
        fibers[first + i].state = RUNS;
    return slots;
}

void warp_barrier(unsigned mask, int line) {
    offer(0, mask, line);
    current->warp_barriers++;
}

namespace {

// shuffled returns the number of the source lane where it is in the segment, else this lane's.
uint32_t shuffled(uint32_t x, unsigned source, bool within, unsigned mask, bool* in_range, int line) {
    *in_range = within;
    return (uint32_t)offer(x, mask, line)[within ? source % WARP : lane()];
}

// last_lane is the last lane of the segment that the operand c of a shuffle describes, or for shfl.up the first.
unsigned last_lane(unsigned c) {
    const unsigned segments = c >> 8 & 31;
    return (lane() & segments) | (c & 31 & ~segments);
}

} // namespace

uint32_t shuffle_up(uint32_t x, unsigned b, unsigned c, unsigned mask, bool* in_range, int line) {
    const int source = (int)lane() - (int)(b & 31);
    return shuffled(x, (unsigned)source, source >= (int)last_lane(c), mask, in_range, line);
}

uint32_t shuffle_down(uint32_t x, unsigned b, unsigned c, unsigned mask, bool* in_range, int line) {
    const unsigned source = lane() + (b & 31);
    return shuffled(x, source, source <= last_lane(c), mask, in_range, line);
}

uint32_t shuffle_bfly(uint32_t x, unsigned b, unsigned c, unsigned mask, bool* in_range, int line) {
    const unsigned source = lane() ^ (b & 31);
    return shuffled(x, source, source <= last_lane(c), mask, in_range, line);
}

uint32_t shuffle_idx(uint32_t x, unsigned b, unsigned c, unsigned mask, bool* in_range, int line) {
    const unsigned segments = c >> 8 & 31, source = (lane() & segments) | (b & 31 & ~segments);
    return shuffled(x, source, source <= last_lane(c), mask, in_range, line);
}

uint32_t ballot(bool holds, unsigned mask, int line) {
    const uint64_t* const all = offer(holds, mask, line);
    uint32_t lanes = 0;
    for (unsigned i = 0; i < WARP; i++)
        lanes |= (uint32_t)all[i] << i;
    return lanes;
}

uint32_t matching(uint64_t x, unsigned mask, int line) {
    const uint64_t* const all = offer(x, mask, line);
    uint32_t lanes = 0;
    for (unsigned i = 0; i < WARP; i++)
        lanes |= (uint32_t)(all[i] == x) << i;
    return lanes;
}

std::string run_grid(dim3 grid, dim3 block, const std::function<void()>& body, const std::function<void()>& begin) {
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
        begin();
        run_block(block.x * block.y * block.z, i % 2 != 0);
    }
    return failure;
}
