// What PTX instructions compute that are no operators of C++. Overflow wraps: -fwrapv.

#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "approximations.h"

template <class T> inline T fetch(const char* at) {
    T x;
    memcpy(&x, at, sizeof x);
    return x;
}
template <class T> inline void put(char* at, T x) {
    memcpy(at, &x, sizeof x);
}

// Bits.

template <class T> inline T from_bits(uint64_t bits) {
    T x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
inline uint32_t to_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return bits;
}
inline uint64_t to_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, 8);
    return bits;
}

template <class T> inline T shift_left(T x, uint32_t n) {
    return n >= 8 * sizeof(T) ? T(0) : T(x << n);
}
template <class T> inline T shift_right(T x, uint32_t n) {
    return n >= 8 * sizeof(T) ? T(x < 0 ? -1 : 0) : T(x >> n);
}
inline uint32_t funnel_left(uint32_t low, uint32_t high, uint32_t n) {
    return (uint32_t)(((uint64_t)high << 32 | low) << n >> 32);
}
inline uint32_t funnel_right(uint32_t low, uint32_t high, uint32_t n) {
    return (uint32_t)(((uint64_t)high << 32 | low) >> n);
}

template <class T> inline T extracted(T x, uint32_t at, uint32_t length) {
    constexpr unsigned BITS = 8 * sizeof(T);
    at &= 255, length &= 255;
    if (length == 0)
        return 0;
    const T low = shift_right(x, at);
    return length >= BITS ? low : T(T(low << (BITS - length)) >> (BITS - length));
}
template <class T> inline T inserted(T field, T into, uint32_t at, uint32_t length) {
    at &= 255, length &= 255;
    const T mask = shift_left<T>(T(shift_left<T>(1, length) - 1), at);
    return (into & ~mask) | (shift_left<T>(field, at) & mask);
}

template <class T> inline uint32_t leading_zeros(T x) {
    return x == 0 ? 8 * sizeof(T) : (uint32_t)__builtin_clzll(x) - (64 - 8 * sizeof(T));
}
template <class T> inline uint32_t shift_to_top(T x) {
    using U = std::make_unsigned_t<T>;
    const U bits = x < 0 ? ~U(x) : U(x);
    return bits == 0 ? ~0u : leading_zeros(bits);
}
template <class T> inline uint32_t top_bit(T x) {
    const uint32_t n = shift_to_top(x);
    return n == ~0u ? n : 8 * sizeof(T) - 1 - n;
}
template <class T> inline T reversed(T x) {
    T r = 0;
    for (unsigned i = 0; i < 8 * sizeof(T); i++)
        r |= T(x >> i & 1) << (8 * sizeof(T) - 1 - i);
    return r;
}

// lookup is lop3: bit 4a + 2b + c of the table for each bit.
inline uint32_t lookup(uint32_t a, uint32_t b, uint32_t c, uint32_t table) {
    uint32_t r = 0;
    for (unsigned i = 0; i < 8; i++)
        if (table >> i & 1)
            r |= (i & 4 ? a : ~a) & (i & 2 ? b : ~b) & (i & 1 ? c : ~c);
    return r;
}

// permuted is prmt: each nibble of the selector chooses a byte of b:a, or its sign.
inline uint32_t permuted(uint32_t a, uint32_t b, uint32_t selector) {
    const uint64_t bytes = (uint64_t)b << 32 | a;
    uint32_t r = 0;
    for (unsigned i = 0; i < 4; i++) {
        const uint32_t nibble = selector >> 4 * i & 15, byte = (uint32_t)(bytes >> 8 * (nibble & 7)) & 255;
        r |= (nibble & 8 ? (byte & 128 ? 255 : 0) : byte) << 8 * i;
    }
    return r;
}

// Integers.

inline uint32_t widened(uint16_t x) { return x; }
inline int32_t widened(int16_t x) { return x; }
inline uint64_t widened(uint32_t x) { return x; }
inline int64_t widened(int32_t x) { return x; }

template <class T> inline T high_product(T a, T b) {
    using W = std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;
    return T((W)a * (W)b >> 8 * sizeof(T));
}
template <class T> inline T wrapping_add(T a, T b) {
    return T((std::make_unsigned_t<T>)a + (std::make_unsigned_t<T>)b);
}

// quotient and remainder_of are defined for every operand, as on a GPU.
template <class T> inline T quotient(T a, T b) {
    if (b == 0)
        return T(-1);
    return std::is_signed_v<T> && b == T(-1) ? T(0 - a) : T(a / b);
}
template <class T> inline T remainder_of(T a, T b) {
    if (b == 0)
        return a;
    return std::is_signed_v<T> && b == T(-1) ? T(0) : T(a % b);
}
template <class T> inline std::make_unsigned_t<T> distance(T a, T b) {
    using U = std::make_unsigned_t<T>;
    return a < b ? U(b) - U(a) : U(a) - U(b);
}
template <class T> inline std::enable_if_t<std::is_integral_v<T>, T> magnitude(T x) {
    return x < 0 ? T(0 - x) : x;
}

// clamped is x, or the nearest number that T has.
template <class T, class F> inline T clamped(F x) {
    const __int128 low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
    return T(x < low ? low : x > high ? high : (__int128)x);
}

// Floats.

inline float magnitude(float x) { return __builtin_fabsf(x); }
inline double magnitude(double x) { return __builtin_fabs(x); }
inline float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline float square_root(float x) { return __builtin_sqrtf(x); }
inline double square_root(double x) { return __builtin_sqrt(x); }
inline float with_sign_of(float sign, float x) { return __builtin_copysignf(x, sign); }
inline double with_sign_of(double sign, double x) { return __builtin_copysign(x, sign); }
template <class T> inline bool unordered(T a, T b) { return __builtin_isunordered(a, b); }
template <class T> inline bool is_finite(T x) { return __builtin_isfinite(x); }
template <class T> inline bool is_infinite(T x) { return __builtin_isinf(x); }

// least and greatest pass over a NaN, and −0 is less than +0.
template <class T> inline T least(T a, T b) {
    if (a != a || b != b)
        return a != a ? b : a;
    return a < b || (a == b && __builtin_signbit(a)) ? a : b;
}
template <class T> inline T greatest(T a, T b) {
    if (a != a || b != b)
        return a != a ? b : a;
    return a > b || (a == b && !__builtin_signbit(a)) ? a : b;
}
inline float least_or_nan(float a, float b) { return unordered(a, b) ? __builtin_nanf("") : least(a, b); }
inline float greatest_or_nan(float a, float b) { return unordered(a, b) ? __builtin_nanf("") : greatest(a, b); }

// flushed is 0 with the sign of x where x is subnormal.
inline float flushed(float x) {
    return __builtin_fabsf(x) < std::numeric_limits<float>::min() ? __builtin_copysignf(0, x) : x;
}
// saturated is x between 0 and 1, and 0 for a NaN.
template <class T> inline T saturated(T x) {
    return x > 0 ? (x < 1 ? x : T(1)) : T(0);
}

inline double to_nearest(double x) { return __builtin_rint(x); }
inline double toward_zero(double x) { return __builtin_trunc(x); }
inline double down(double x) { return __builtin_floor(x); }
inline double up(double x) { return __builtin_ceil(x); }

// to_integer is the nearest number that T has; 0 for a NaN.
template <class T> inline T to_integer(double x) {
    constexpr T low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
    if (x != x)
        return 0;
    return x <= (double)low ? low : x >= (double)high ? high : T(x);
}

// to_bf16 rounds to nearest, ties to even. A NaN has one form.
inline uint16_t to_bf16(float x) {
    const uint32_t bits = to_bits(x);
    return x != x ? 0x7fff : (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
