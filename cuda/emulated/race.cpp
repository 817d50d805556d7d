// See race.h.
//
// Each cell of memory remembers the last write and two reads. Accesses of one thread are ordered; those of one block by a barrier
// of the block, those of one warp by a barrier of the warp; those of two blocks never. Two reads are enough: of two blocks, or of
// two warps, or of two threads after the same barriers, so that every write that is in a race with any read is in one with either.

#include "race.h"

#include "access.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace {

// Access says who touched a cell, after how many barriers of its block and its warp. block counts the blocks of all kernels from 1.
struct Access {
    uint32_t block = 0, block_barriers = 0, warp_barriers = 0, thread : 10;
    int line : 22;

    Access() : thread(0), line(0) {}
};

struct Cell {
    Access write, read[2];
};

constexpr uint64_t PAGE = 4096;        // bytes of memory whose cells lie together
constexpr size_t MOST_PAGES = 1 << 11; // then the cells of earlier kernels go
constexpr unsigned YIELD = 16;         // one access in so many lets other threads run

using Page = std::vector<Cell>;

bool on;
unsigned granule = 4;
uint32_t first_block; // of this kernel
std::unordered_map<uint64_t, std::unique_ptr<Page>> pages;
std::vector<Cell> shared_cells;
uint64_t last_key = ~0ull;
Page* last_page;

// ordered reports whether a came before b by a barrier, or by the order of one thread.
bool ordered(const Access& a, const Access& b) {
    if (a.block != b.block)
        return false;
    if (a.thread == b.thread || a.block_barriers != b.block_barriers)
        return true;
    return a.thread / 32 == b.thread / 32 && a.warp_barriers < b.warp_barriers;
}

// remember puts a read into a cell.
void remember(Cell& cell, const Access& now) {
    Access &a = cell.read[0], &b = cell.read[1];
    if (a.block == 0 || ordered(a, now)) {
        const bool complete = b.block != 0 && !ordered(b, now);
        a = now;
        if (!complete)
            b = Access();
        return;
    }
    if (b.block == 0 || ordered(b, now) || (b.block == a.block && now.block != a.block) ||
        (b.block == a.block && b.thread / 32 == a.thread / 32))
        b = now;
}

void report(const char* kind, Space space, uint64_t at, const Access& before, const Access& now) {
    fault(now.line, "a race at %#llx of %s memory: %s, by this thread and by thread %u of %s block at line %d",
          (unsigned long long)at, space == Space::SHARED ? "shared" : "global", kind, before.thread,
          before.block == now.block ? "this" : "another", first_line + before.line);
}

// forget empties what other kernels, or for shared memory other blocks, left in a cell.
void forget(Access& a, uint32_t oldest) {
    if (a.block < oldest)
        a = Access();
}

void check(Cell& cell, Space space, uint64_t at, const Access& now, bool write) {
    const uint32_t oldest = space == Space::SHARED ? now.block : first_block;
    for (Access* a : {&cell.write, &cell.read[0], &cell.read[1]})
        forget(*a, oldest);
    if (cell.write.block != 0 && !ordered(cell.write, now))
        report(write ? "two writes" : "a read after a write", space, at, cell.write, now);
    if (!write)
        return remember(cell, now);
    for (const Access& r : cell.read)
        if (r.block != 0 && !ordered(r, now))
            report("a write after a read", space, at, r, now);
    cell.write = now;
}

Cell& cell_at(Space space, uint64_t at) {
    if (space == Space::SHARED) {
        if (shared_cells.size() <= at / granule)
            shared_cells.resize(at / granule + 1024);
        return shared_cells[at / granule];
    }
    if (at / PAGE != last_key) {
        std::unique_ptr<Page>& page = pages[at / PAGE];
        if (!page)
            page = std::make_unique<Page>();
        if (page->size() < PAGE / granule)
            page->resize(PAGE / granule);
        last_key = at / PAGE;
        last_page = page.get();
    }
    return (*last_page)[at % PAGE / granule];
}

} // namespace

void set_racing(bool to) {
    on = to;
    set_random_order(to);
}

bool racing() { return on; }

void begin_race(unsigned smallest) {
    granule = smallest;
    first_block = blocks_run() + 1;
    last_key = ~0ull;
    if (pages.size() > MOST_PAGES)
        pages.clear();
}

void race(Space space, uint64_t at, unsigned size, bool write, int line) {
    yield(YIELD);
    Access now;
    now.block = (uint32_t)blocks_run();
    now.block_barriers = block_barriers();
    now.warp_barriers = warp_barriers();
    now.thread = rank();
    now.line = line;
    for (uint64_t a = at / granule * granule; a < at + size; a += granule)
        check(cell_at(space, a), space, a, now, write);
}
