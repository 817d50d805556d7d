// Tests of the translation: kernels of testdata/instructions.ptx against results worked out by hand from the PTX ISA.

#include "access.h"
#include "driver.h"
#include "instructions.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace {

alignas(256) uint32_t memory[256];

void check(bool ok, const std::string& what) {
    if (!ok)
        fprintf(stderr, "instructions_test: %s\n", what.c_str()), exit(1);
}

void launch(const std::string& name, unsigned threads, uint32_t argument = 0) {
    for (const Entry& e : kernels())
        if (e.kernel->name == name) {
            uint64_t address = (uint64_t)memory;
            void* params[] = {&address, &argument};
            std::string failure;
            run_kernel(e, {1, 1, 1}, {threads, 1, 1}, 0, e.kernel->pack(params), &failure);
            check(failure.empty(), name + ": " + failure);
            return;
        }
    check(false, "no kernel " + name);
}

void compare(const std::string& name, const std::vector<uint32_t>& want) {
    for (size_t i = 0; i < want.size(); i++) {
        char text[80];
        snprintf(text, sizeof text, "result %zu is %#x, want %#x", i, memory[i], want[i]);
        check(memory[i] == want[i], name + ": " + text);
    }
}

void integers() {
    launch("Integers", 1, 7);
    compare("Integers", {
        0x1c0,      // 3:80000001 shifted left by 7: 3 << 7 | 0x80000001 >> 25
        0x3,        // right by 32 and not more
        0xffffffff, // the nibble f, with its sign
        0x1,        // the four bits that there are
        0x3f0,      // six ones from bit 4 on
        0xff038586, // the sign of byte 6, then the bytes 3, 5 and 6
        0x0f0f ^ 0x3333 ^ 0x5555,
        9,
        15,
        2, // ~−5 = 4
        0x88000000,
        0xfffffffd, // −2³¹·6 / 2³² = −3
        0xfffffffc, // −15 / 4, down
        0xfffffffe, // (2³² − 1)² + 1 = (2³² − 2)·2³² + 2
        0xfffffffd, // −3
        0xffffffff, // −1
        0xffff8001,
        1, // (2¹⁶ − 1)²
        109,
        127,
        9,
        7,
        0xffffffff,
        0,
        0xffffffff,
        2 + 4, // 7 ≠ 7 is false, 7 < 8 is true: p is false and q true
        42,
        11, // 7 mod 3 = 1
        1,
        0x80000000,
    });
}

void floats() {
    launch("Floats", 1, to_bits(2.5f));
    compare("Floats", {
        2,                      // to even
        0xfffffffd,             // −2.5 down
        0,                      // what is negative becomes 0
        0,                      // as does a NaN
        0x7fffffff,             // the largest integer
        to_bits(2.5f),          // not the NaN
        0,                      // +0 is greater than −0
        0,                      // subnormals are 0
        to_bits(1.0f),          // between 0 and 1
        to_bits(0x1p-46f),      // (1 + 2⁻²³)² − (1 + 2⁻²²), in one rounding
        to_bits(-2.5f),
        0x3f82,                 // a tie, to even
        0x3f804000,             // the first operand above
        to_bits(sqrtf(0.5f)),
        1 + 4,                  // ltu holds for a NaN, ne does not
        to_bits(-16777216.0f),  // a tie, to even
        0x22222222, 0x11111111, // swapped
        to_bits(-2.0f),
    });
}

void warps() {
    launch("Warp", 32);
    std::vector<uint32_t> want;
    for (uint32_t i = 0; i < 32; i++) {
        const uint32_t below = (1u << i) - 1, same = i & 4 ? 0xf0f0f0f0 : 0x0f0f0f0f;
        want.insert(want.end(), {i < 3 ? i : i - 3 + 100, i > 28 ? i : i + 3 + 100, i / 8 * 8 + 2, i ^ 5, 0x0f0f0f0f, 1, 31 * 32 / 2, same & below});
    }
    compare("Warp", want);
}

void generic_addresses() {
    launch("Generic", 32);
    std::vector<uint32_t> want;
    for (uint32_t i = 0; i < 32; i++)
        want.push_back((i ^ 1) + 1000 + 10000);
    compare("Generic", want);
}

// Approximations are off, and by no more than they may be.
void approximations() {
    for (int mode : {0, 1, -1, 2}) {
        set_approximations(mode);
        double lowest = 0, highest = 0;
        for (float a = 1, b = 1.5f; a < 2; a += 0.00017f, b *= 0.9991f) {
            const double exact = (double)a / b, ulp = std::nextafterf((float)exact, INFINITY) - (float)exact;
            const double error = (div_approx(a, b) - exact) / ulp;
            lowest = std::fmin(lowest, error), highest = std::fmax(highest, error);
        }
        check(lowest >= -2 && highest <= 2, "a quotient is off by more than 2 ulp");
        check((lowest < -1.5) == (mode == 0 || mode == -1) && (highest > 1.5) == (mode == 0 || mode == 1), "quotients are not off as they should be");
    }
    set_approximations(0);
    check(div_approx(1, 0x1p127f) == 0 && std::isnan(div_approx(INFINITY, 0x1p127f)), "quotients of large divisors");
    check(div_approx(3, 0) == INFINITY && std::isnan(div_approx(0, 0)), "quotients of nothing");
    check(ex2_approx(0) == 1 && ex2_approx(-INFINITY) == 0 && cos_approx(0) == 1 && rcp_approx(INFINITY) == 0 && sqrt_approx(0) == 0, "exact values");
    check(std::fabs(rcp_gross(3) * 3 - 1) < 0x1p-19 && (to_bits(rcp_gross(3)) & 0xffffffff) == 0, "a gross reciprocal");
}

} // namespace

bool device_range(uint64_t at, uint64_t* begin, uint64_t* bytes) {
    *begin = (uint64_t)memory;
    *bytes = sizeof memory;
    return at - *begin < *bytes;
}

int main() {
    integers();
    floats();
    warps();
    generic_addresses();
    approximations();
}
