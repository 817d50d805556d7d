// Tests of the translation: kernels of testdata/instructions.ptx against results worked out by hand from the PTX ISA.

#include "access.h"
#include "driver.h"
#include "instructions.h"
#include "tensor.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace {

alignas(256) uint32_t memory[512];

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

// Product is a, (16, 16), b, (16, 8), and c, (16, 8), and what Multiply makes of them. The layout is that of the formulas in the PTX ISA,
// section "Matrix fragments for mma.m16n8k16 with floating point type", for the i-th element of a lane.
struct Product {
    float a[16][16], b[16][8], c[16][8], d[16][8];

    static constexpr unsigned WORDS = 14;

    static void set(unsigned lane, unsigned i, float x) { // a bf16
        const uint32_t half = to_bits(x) >> 16;
        uint32_t& word = memory[lane * WORDS + i / 2];
        word = i % 2 ? (word & 0xffff) | half << 16 : (word & 0xffff0000) | half;
    }

    void run() {
        for (unsigned lane = 0; lane < 32; lane++) {
            const unsigned group = lane >> 2, thread = lane % 4;
            for (unsigned i = 0; i < 8; i++) {
                const unsigned row = i < 2 || (4 <= i && i < 6) ? group : group + 8, col = thread * 2 + (i & 1) + (i < 4 ? 0 : 8);
                set(lane, i, a[row][col]);
            }
            for (unsigned i = 0; i < 4; i++)
                set(lane, 8 + i, b[thread * 2 + (i & 1) + (i < 2 ? 0 : 8)][group]);
            for (unsigned i = 0; i < 4; i++)
                memory[lane * WORDS + 6 + i] = to_bits(c[i < 2 ? group : group + 8][thread * 2 + (i & 1)]);
        }
        launch("Multiply", 32);
        for (unsigned lane = 0; lane < 32; lane++)
            for (unsigned i = 0; i < 4; i++)
                d[i < 2 ? lane >> 2 : (lane >> 2) + 8][lane % 4 * 2 + (i & 1)] = from_bits<float>(memory[lane * WORDS + 10 + i]);
    }
};

constexpr Sums ORDERS[] = {Sums::FORWARDS, Sums::BACKWARDS, Sums::HALVES};

// Small integers have exact products in any order: each number must go where it belongs.
void tensor_products() {
    Product p;
    for (Sums order : ORDERS) {
        set_tensor_sums(order);
        for (unsigned i = 0; i < 16; i++)
            for (unsigned j = 0; j < 16; j++) {
                p.a[i][j] = (float)((int)(i * 37 + j * 11) % 101 - 50);
                if (j < 8)
                    p.b[i][j] = (float)((int)(i * 29 + j * 53) % 103 - 51), p.c[i][j] = (float)((int)(i * 8 + j) * 1001 - 64000);
            }
        p.run();
        for (unsigned i = 0; i < 16; i++)
            for (unsigned j = 0; j < 8; j++) {
                double want = p.c[i][j];
                for (unsigned k = 0; k < 16; k++)
                    want += (double)p.a[i][k] * p.b[k][j];
                check(p.d[i][j] == want, "an element of a product");
            }
    }
}

// one is the product of a row and a column with 16 numbers and ones, and a c.
float one(Sums order, std::vector<float> terms, float c) {
    Product p{};
    for (unsigned k = 0; k < terms.size(); k++)
        p.a[3][k] = terms[k], p.b[k][5] = 1;
    p.c[3][5] = c;
    set_tensor_sums(order);
    p.run();
    return p.d[3][5];
}

// Tensor cores cut off, to the last bit as on Hopper, and to one bit less as on Ampere, which adds eight products at a time. In halves a
// sum is rounded to nearest.
void tensor_sums() {
    const float ulp = 0x1p-23f;
    struct {
        std::vector<float> terms;
        float c, forwards, backwards, halves;
        const char* what;
    } cases[] = {
        {{0.75f * ulp}, 1, 1, 1, 1 + ulp, "three quarters of the last place are cut off"},
        {{-0.75f * ulp}, -1, -1, -1, -1 - ulp, "towards zero"},
        {{ulp / 2, ulp / 2}, 1, 1 + ulp, 1 + ulp, 1, "two halves are one, if they are added before"},
        {{ulp / 4, ulp / 4, ulp / 4, ulp / 4}, 1, 1 + ulp, 1, 1, "four quarters need two bits more than float32 has"},
        {{ulp / 8, ulp / 8, ulp / 8, ulp / 8, ulp / 8, ulp / 8, ulp / 8, ulp / 8}, 1, 1, 1, 1, "eighths are lost"},
        {{ulp / 2, 0, 0, 0, 0, 0, 0, 0, ulp / 2}, 1, 1 + ulp, 1, 1, "two halves eight terms apart"},
        {{1, 0x1p-30f, -1}, 0, 0, 0, 0, "what the largest terms hide"},
        {{0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1p-40f, -1}, 0x1p-40f, 0, 0, 0x1p-40f, "c beside large terms"},
        {{0x1p-133f}, 0, 0x1p-133f, 0x1p-133f, 0x1p-133f, "a subnormal number"},
        {{}, 0, 0, 0, 0, "nothing"},
        {{0x1p100f, INFINITY}, 1, INFINITY, INFINITY, INFINITY, "infinity"},
        {{-0x1p127f, -0x1p127f}, 0, -INFINITY, -INFINITY, -INFINITY, "overflow"},
    };
    for (const auto& c : cases) {
        check(one(Sums::FORWARDS, c.terms, c.c) == c.forwards, std::string("forwards: ") + c.what);
        check(one(Sums::BACKWARDS, c.terms, c.c) == c.backwards, std::string("backwards: ") + c.what);
        check(one(Sums::HALVES, c.terms, c.c) == c.halves, std::string("in halves: ") + c.what);
    }
    for (Sums order : ORDERS)
        check(std::isnan(one(order, {INFINITY, -INFINITY}, 1)) && std::isnan(one(order, {NAN}, 1)) && std::isnan(one(order, {1}, NAN)), "NaN");
    set_tensor_sums(Sums::FORWARDS);
}

void matrices() {
    launch("Matrices", 32);
    std::vector<uint32_t> want;
    for (uint32_t lane = 0; lane < 32; lane++)
        for (bool transposed : {false, true})
            for (uint32_t m = 0; m < 4; m++) {
                const uint32_t row = lane / 4, col = lane % 4 * 2;
                const auto number = [&](uint32_t i, uint32_t j) { return transposed ? 100 * m + 10 * j + i : 100 * m + 10 * i + j; };
                want.push_back(number(row, col) | number(row, col + 1) << 16);
            }
    compare("Matrices", want);
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
    tensor_products();
    tensor_sums();
    matrices();
}
