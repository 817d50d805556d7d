// Tests of the checks: every error that testdata/planted.cu has planted is found, and its clean kernels compute what they should.

#include "access.h"
#include "driver.h"
#include "race.h"

#include <cstdio>
#include <cstdlib>

namespace {

constexpr unsigned N = 64;
alignas(256) float memory[N + 4]; // the device has the first N

void check(bool ok, const std::string& what) {
    if (!ok)
        fprintf(stderr, "planted_test: %s\n", what.c_str()), exit(1);
}

const Entry& find(const std::string& name) {
    for (const Entry& e : kernels())
        if (e.kernel->name == name)
            return e;
    check(false, "no kernel " + name);
    abort();
}

std::string launch(const std::string& name, unsigned blocks) {
    for (unsigned i = 0; i < N; i++)
        memory[i] = (float)i;
    uint64_t address = (uint64_t)memory, second = 0;
    if (name.find("Local") == 0)
        second = 1;
    void* params[] = {&address, &second};
    const Entry& e = find(name);
    std::string failure;
    const CUresult result = run_kernel(e, {blocks, 1, 1}, {N, 1, 1}, name == "Dynamic" ? N * sizeof(float) : 0, e.kernel->pack(params), &failure);
    const CUresult want = failure.empty()                                  ? CUDA_SUCCESS
                          : failure.find("aligned") != std::string::npos   ? CUDA_ERROR_MISALIGNED_ADDRESS
                          : failure.find(" memory, ") != std::string::npos ? CUDA_ERROR_ILLEGAL_ADDRESS
                                                                           : CUDA_ERROR_LAUNCH_FAILED;
    check(result == want, name + ": " + failure + ": error " + std::to_string(result));
    return failure;
}

// clean runs a kernel on one block with and without the race detector and compares what it leaves.
void clean(const std::string& name, float (*want)(unsigned i)) {
    for (bool races : {false, true})
        for (int turn = 0; turn < 4; turn++) {
            set_racing(races);
            const std::string failure = launch(name, 1);
            check(failure.empty(), name + ": " + failure);
            for (unsigned i = 0; i < N; i++)
                check(memory[i] == want(i), name + " computes something else at " + std::to_string(i));
        }
    set_racing(false);
}

// found runs a kernel and looks for a message with a line of the PTX.
void found(const std::string& name, const std::string& message, bool races = false, unsigned blocks = 1) {
    set_racing(races);
    const std::string failure = launch(name, blocks);
    check(failure.find(message) != std::string::npos, name + " fails with \"" + failure + "\", not \"" + message + "\"");
    check(failure.find("line") != std::string::npos, failure + ": no line");
    set_racing(false);
}

void clean_kernels() {
    clean("Reversed", [](unsigned i) { return (float)(N - 1 - i); });
    clean("Halves", [](unsigned i) { return (float)(i ^ 31); });
    clean("Local", [](unsigned i) { return (float)(i % 4 + 1); });
    clean("Dynamic", [](unsigned i) { return (float)(N - 1 - i); });
    clean("Multiply", [](unsigned i) { return (float)(16 + i); });
    clean("Matrix", [](unsigned i) { return (float)(i / 32 * 32 + i % 32 / 4 + 100 * (i % 4)); });
    clean("Reader", [](unsigned) { return N * (N - 1) / 2.0f; });
}

// What is found at every access, with and without the detector.
void accesses() {
    for (bool races : {false, true}) {
        found("Misaligned", "store of 16 bytes", races);
        found("Misaligned", "not aligned", races);
        found("MisalignedLoad", "not aligned", races);
        found("Beyond", "outside of every allocation", races);
        found("Before", "outside of every allocation", races);
        found("Null", "outside of every allocation", races);
        found("SharedBeyond", "shared memory, outside of every variable", races);
        found("LocalBeyond", "local memory, outside of every variable", races);
        found("Unwritten", "shared memory, of what nobody wrote", races);
        found("LeftOver", "shared memory, of what nobody wrote", races, 2);
        found("HalfBarrier", "two barriers", races);
        found("TwoMultiplies", "lanes of a warp wait", races);
        found("MisalignedMatrix", "load of 16 bytes", races);
        found("MisalignedMatrix", "not aligned", races);
        found("UnwrittenMatrix", "of what nobody wrote", races);
        found("Trap", "trap", races);
    }
    check(launch("LocalUnwritten", 1).empty() && memory[0] != memory[0], "an element that nobody wrote is no NaN");
    for (const char* half : {"HalfShuffle", "HalfMultiply"})
        check(launch(half, 1) == "threads wait for others that never come", std::string(half) + " is no exchange of a warp");
}

// What only the detector finds. A missing barrier shows without it too, as a read of what nobody wrote.
void races() {
    found("NoBarrier", "of what nobody wrote");
    check(launch("NoSecondBarrier", 1).empty() && launch("AcrossWarps", 2).find("nobody wrote") != std::string::npos, "without the detector");
    for (int turn = 0; turn < 8; turn++) { // the order is another one each time
        const std::string either = launch("NoBarrier", 1);
        check(!either.empty(), "a missing barrier");
        found("NoSecondBarrier", "a race", true);
        found("GlobalRace", "two writes", true);
        found("Neighbours", "a race", true);
        found("MatrixRace", "a race", true);
        found("Blocks", "another block", true, 2);
    }
    clean("Blocks", [](unsigned i) { return (float)i; }); // one block: no race
}

} // namespace

bool device_range(uint64_t at, uint64_t* begin, uint64_t* bytes) {
    *begin = (uint64_t)memory;
    *bytes = N * sizeof(float);
    return at - *begin < *bytes;
}

int main() {
    clean_kernels();
    accesses();
    races();
    clean_kernels(); // nothing is left of what failed
}
