// See tensor.h.

#include "tensor.h"

#include "instructions.h"

#include <algorithm>
#include <cmath>

namespace {

constexpr unsigned M = 16, N = 8, K = 16, WARP = 32;
constexpr int NOTHING = -100000; // the exponent of 0

Sums order;

// Numbers are K numbers significand·2^(exponent − 7).
struct Numbers {
    int significand[K], exponent[K];
    float value[K];
    bool finite = true;

    void set(unsigned k, uint32_t bf16) {
        const int field = bf16 >> 7 & 0xff, fraction = bf16 & 0x7f, size = field ? fraction | 0x80 : fraction;
        significand[k] = bf16 & 0x8000 ? -size : size;
        exponent[k] = size ? std::max(field, 1) - 127 : NOTHING;
        value[k] = from_bits<float>(bf16 << 16);
        finite = finite && field != 0xff;
    }

    void set_pair(unsigned k, uint32_t pair) {
        set(k, pair & 0xffff);
        set(k + 1, pair >> 16);
    }
};

// towards_zero cuts a number off to float32.
float towards_zero(double x) {
    const float f = (float)x;
    return std::isfinite(f) && std::fabs((double)f) > std::fabs(x) ? std::nextafterf(f, 0) : f;
}

// cut divides by a power of two, towards zero.
int64_t cut(int64_t x, int shift) {
    const int64_t size = (x < 0 ? -x : x) >> std::min(shift, 62);
    return x < 0 ? -size : size;
}

// aligned adds the products from one k to another to c, cut off at so many bits behind the point of the largest term.
float aligned(const Numbers& a, const Numbers& b, unsigned from, unsigned to, float c, int bits) {
    const uint32_t of_c = to_bits(c);
    const int field = of_c >> 23 & 0xff, size = (int)(of_c & 0x7fffff) | (field ? 0x800000 : 0), at_c = size ? std::max(field, 1) - 127 : NOTHING;
    int largest = at_c;
    for (unsigned k = from; k < to; k++)
        largest = std::max(largest, a.exponent[k] + b.exponent[k]);
    if (largest < NOTHING / 2)
        return 0;
    int64_t sum = cut((int64_t)(c < 0 ? -size : size) << (bits - 23), largest - at_c);
    for (unsigned k = from; k < to; k++)
        sum += cut((int64_t)(a.significand[k] * b.significand[k]) << (bits - 14), largest - a.exponent[k] - b.exponent[k]);
    return towards_zero(std::ldexp((double)sum, largest - bits));
}

float in_halves(const Numbers& a, const Numbers& b, float c) {
    float first = c, last = 0;
    for (unsigned k = 0; k < K / 2; k++) {
        first += a.value[k] * b.value[k];
        last += a.value[k + K / 2] * b.value[k + K / 2];
    }
    return first + last;
}

float dot(const Numbers& a, const Numbers& b, float c) {
    if (order == Sums::HALVES || !a.finite || !b.finite || !std::isfinite(c))
        return in_halves(a, b, c);
    if (order == Sums::BACKWARDS)
        return aligned(a, b, 0, K / 2, aligned(a, b, K / 2, K, c, 24), 24);
    return aligned(a, b, 0, K, c, 25);
}

// The words of a lane: two registers each.
enum { A, A_RIGHT, B, C, C_BELOW, WORDS };

uint32_t low(uint64_t word) { return (uint32_t)word; }
uint32_t high(uint64_t word) { return (uint32_t)(word >> 32); }
uint64_t pair(uint32_t low, uint32_t high) { return low | (uint64_t)high << 32; }

// multiply turns the words of c into those of d.
void multiply(uint64_t* all) {
    Numbers rows[M], columns[N];
    for (unsigned lane = 0; lane < WARP; lane++) {
        const unsigned g = lane / 4, k = lane % 4 * 2;
        rows[g].set_pair(k, low(all[A * WARP + lane]));
        rows[g + 8].set_pair(k, high(all[A * WARP + lane]));
        rows[g].set_pair(k + 8, low(all[A_RIGHT * WARP + lane]));
        rows[g + 8].set_pair(k + 8, high(all[A_RIGHT * WARP + lane]));
        columns[g].set_pair(k, low(all[B * WARP + lane]));
        columns[g].set_pair(k + 8, high(all[B * WARP + lane]));
    }
    for (unsigned lane = 0; lane < WARP; lane++)
        for (unsigned half = 0; half < 2; half++) {
            uint64_t& word = all[(C + half) * WARP + lane];
            const Numbers& row = rows[lane / 4 + 8 * half];
            const unsigned j = lane % 4 * 2;
            word = pair(to_bits(dot(row, columns[j], from_bits<float>(low(word)))), to_bits(dot(row, columns[j + 1], from_bits<float>(high(word)))));
        }
}

} // namespace

void set_tensor_sums(Sums to) { order = to; }

void mma_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const float (&c)[4], int line) {
    const uint64_t words[WORDS] = {pair(a[0], a[1]), pair(a[2], a[3]), pair(b[0], b[1]), pair(to_bits(c[0]), to_bits(c[1])),
                                   pair(to_bits(c[2]), to_bits(c[3]))};
    const uint64_t* const all = offer(words, WORDS, 0xffffffff, line, multiply);
    for (unsigned i = 0; i < 4; i++) {
        const uint64_t word = all[(C + i / 2) * WARP + lane()];
        d[i] = from_bits<float>(i % 2 ? high(word) : low(word));
    }
}

template <bool TRANSPOSED> void load_matrices(uint32_t (&d)[4], uint32_t at, int line) {
    uint64_t words[2]; // a row of one of the matrices
    memcpy(words, shared<16, false>(at, line), sizeof words);
    const uint64_t* const all = offer(words, 2, 0xffffffff, line);
    const auto element = [&](unsigned matrix, unsigned row, unsigned col) {
        return (uint32_t)(all[col / 4 * WARP + 8 * matrix + row] >> 16 * (col % 4)) & 0xffff;
    };
    const unsigned g = lane() / 4, k = lane() % 4 * 2;
    for (unsigned i = 0; i < 4; i++)
        d[i] = TRANSPOSED ? element(i, k, g) | element(i, k + 1, g) << 16 : element(i, g, k) | element(i, g, k + 1) << 16;
}

template void load_matrices<false>(uint32_t (&)[4], uint32_t, int);
template void load_matrices<true>(uint32_t (&)[4], uint32_t, int);
