// See access.h.

#include "access.h"

#include "driver.h"
#include "race.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

Range recent{1, 0};

namespace {

constexpr unsigned SHARED_BYTES = 512 << 10; // more than a block can have, because of the gaps

alignas(256) char shared_memory[SHARED_BYTES];
unsigned char shared_state[SHARED_BYTES];
std::vector<unsigned char> shared_fresh; // of a block that begins
unsigned dynamic_bytes;
CUresult error; // of the kernel that runs, if it fails

// usable reports why bytes with these states may not be accessed, if they may not.
const char* refused(const unsigned char* state, unsigned size, bool write) {
    bool inside = true, written = true;
    for (unsigned i = 0; i < size; i++) {
        inside = inside && state[i] != OUTSIDE;
        written = written && state[i] == WRITTEN;
    }
    if (!inside)
        return "outside of every variable";
    return write || written ? nullptr : "of what nobody wrote";
}

[[noreturn]] void refuse(int line, const char* why, const char* space, uint64_t at, unsigned size, bool write) {
    error = at % size ? CUDA_ERROR_MISALIGNED_ADDRESS : CUDA_ERROR_ILLEGAL_ADDRESS;
    fault(line, "%s of %u bytes at %#llx of %s memory, %s", write ? "store" : "load", size, (unsigned long long)at, space, why);
}

// allocation finds the memory that an address lies in: of the driver, or a variable of the module.
bool allocation(uint64_t at, Range* found) {
    if (device_range(at, &found->low, &found->bytes))
        return true;
    for (const Range& v : variables())
        if (at - v.low < v.bytes) {
            *found = v;
            return true;
        }
    return false;
}

Frame* frame_of(uint64_t at) {
    for (Frame* f = frames; f; f = f->outer)
        if (at - f->low < f->bytes)
            return f;
    return nullptr;
}

} // namespace

void fault(int line, const char* format, ...) {
    char what[256], text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(text, sizeof text, "PTX line %d, block (%u, %u, %u), thread (%u, %u, %u): %s", first_line + line, blockIdx.x, blockIdx.y,
             blockIdx.z, threadIdx.x, threadIdx.y, threadIdx.z, what);
    fail_thread(text);
}

char* checked_global(uint64_t at, unsigned size, bool write, int line) {
    if (at % size != 0)
        refuse(line, "not aligned", "global", at, size, write);
    Range r;
    if (!allocation(at, &r) || at - r.low + size > r.bytes)
        refuse(line, "outside of every allocation", "global", at, size, write);
    if (racing())
        race(Space::GLOBAL, at, size, write, line);
    else if (r.low % 16 == 0)
        recent = r;
    return reinterpret_cast<char*>(at);
}

char* checked_shared(uint32_t at, unsigned size, bool write, int line) {
    if (at % size != 0)
        refuse(line, "not aligned", "shared", at, size, write);
    if (at >= shared_fresh.size() || size > shared_fresh.size() - at)
        refuse(line, "outside of every variable", "shared", at, size, write);
    if (const char* why = refused(shared_state + at, size, write))
        refuse(line, why, "shared", at, size, write);
    if (write)
        memset(shared_state + at, WRITTEN, size);
    if (racing())
        race(Space::SHARED, at, size, write, line);
    return shared_memory + at;
}

uint64_t shared_window() { return (uint64_t)shared_memory; }
unsigned dynamic_shared() { return dynamic_bytes; }
bool in_shared(uint64_t at) { return at - shared_window() < SHARED_BYTES; }
bool in_local(uint64_t at) { return frame_of(at) != nullptr; }

char* local(uint64_t at, unsigned size, bool write, int line) {
    if (at % size != 0)
        refuse(line, "not aligned", "local", at, size, write);
    Frame* f = frame_of(at);
    if (!f || at - f->low + size > f->bytes)
        refuse(line, "outside of every variable", "local", at, size, write);
    const unsigned char* const state = f->state + (at - f->low);
    if (const char* why = refused(state, size, write))
        refuse(line, why, "local", at - f->low, size, write);
    return reinterpret_cast<char*>(at);
}

char* generic(uint64_t at, unsigned size, bool write, int line) {
    if (in_shared(at))
        return checked_shared((uint32_t)(at - shared_window()), size, write, line);
    return in_local(at) ? local(at, size, write, line) : checked_global(at, size, write, line);
}

std::vector<char> Kernel::pack(void* const* params) const {
    std::vector<char> packed(arguments.empty() ? 0 : arguments.back().offset + arguments.back().bytes);
    for (size_t i = 0; i < arguments.size(); i++)
        memcpy(packed.data() + arguments[i].offset, params[i], arguments[i].bytes);
    return packed;
}

CUresult run_kernel(const Entry& entry, dim3 grid, dim3 block, unsigned dynamic, const std::vector<char>& arguments,
                    std::string* failure) {
    const Kernel& kernel = *entry.kernel;
    if (kernel.dynamic + dynamic > SHARED_BYTES)
        return *failure = "more shared memory than a block can have", CUDA_ERROR_LAUNCH_FAILED;
    shared_fresh.assign(kernel.dynamic + dynamic, OUTSIDE);
    for (const Region& v : kernel.shared)
        std::fill_n(shared_fresh.begin() + v.offset, v.bytes, INSIDE);
    std::fill_n(shared_fresh.begin() + kernel.dynamic, dynamic, INSIDE);
    dynamic_bytes = dynamic;
    recent = {1, 0};
    first_line = entry.line;
    error = CUDA_ERROR_LAUNCH_FAILED;
    begin_race(kernel.granule);
    *failure = run_grid(
        grid, block, [&] { kernel.thread(arguments.data()); },
        [] { std::copy(shared_fresh.begin(), shared_fresh.end(), shared_state); });
    return failure->empty() ? CUDA_SUCCESS : error;
}
