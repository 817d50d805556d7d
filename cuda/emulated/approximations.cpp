// See approximations.h. Errors: CUDA C++ Programming Guide, Mathematical Functions; PTX ISA, Floating-Point Instructions.

#include "approximations.h"

#include "instructions.h"

namespace {

enum Mode { DOWN = -1, EITHER, UP, NEAREST };
int mode = EITHER;

// direction is the sign of an error, a function of the operands.
int direction(uint32_t a, uint32_t b) {
    if (mode != EITHER)
        return mode == NEAREST ? 0 : mode;
    uint32_t h = a * 2654435761u ^ (b + 0x9e3779b9u) * 2246822519u;
    h ^= h >> 15;
    h *= 3266489917u;
    return (h >> 16) % 2 == 0 ? UP : DOWN;
}

// off moves a value by an error in either direction and rounds it towards the value: the result is in error by no more.
float off(double exact, double error, uint32_t a, uint32_t b = 0) {
    const float nearest = (float)exact;
    if (!std::isfinite(nearest) || nearest == 0)
        return nearest;
    const double sought = exact + direction(a, b) * error;
    float got = (float)sought;
    if (std::fabs((double)got - exact) > error)
        got = std::nextafterf(got, nearest);
    return std::isfinite(got) ? got : nearest;
}

// ulps is a multiple of the distance of floats at x.
double ulps(double x, int n) {
    const float size = std::fabs((float)x);
    return n * ((double)std::nextafterf(size, INFINITY) - size);
}

float off_by_ulps(double exact, int n, float a, float b = 0) {
    return off(exact, ulps(exact, n), to_bits(a), to_bits(b));
}

// upper is the upper half of a double, 0 for subnormals.
double upper(double x) {
    if (std::fabs(x) < std::numeric_limits<double>::min())
        return std::copysign(0, x);
    return from_bits<double>(to_bits(x) & 0xffffffff00000000ull);
}

} // namespace

void set_approximations(int to) { mode = to; }

float div_approx(float a, float b) {
    if (std::fabs(b) > 0x1p126f && std::isfinite(b))
        return std::isinf(a) ? NAN : std::copysign(0.0f, a) * std::copysign(1.0f, b);
    return div_full(a, b);
}
float div_full(float a, float b) {
    return off_by_ulps((double)a / b, 2, a, b);
}
float rcp_approx(float x) {
    return off_by_ulps(1 / (double)x, 1, x);
}
float sqrt_approx(float x) {
    return off_by_ulps(std::sqrt((double)x), 1, x);
}
float rsqrt_approx(float x) {
    return off_by_ulps(1 / std::sqrt((double)x), 2, x);
}
float ex2_approx(float x) {
    if (flushed(x) == 0)
        return 1;
    return off_by_ulps(std::exp2((double)x), 2, x);
}
float lg2_approx(float x) {
    const double exact = std::log2((double)x);
    return x >= 0.5f && x <= 2 ? off(exact, 0x1p-22, to_bits(x)) : off_by_ulps(exact, 2, x);
}
float sin_approx(float x) {
    return off(std::sin((double)x), 0x1p-20 * std::fmax(1, std::fabs(x)), to_bits(x));
}
float cos_approx(float x) {
    if (flushed(x) == 0)
        return 1;
    return off(std::cos((double)x), 0x1p-20 * std::fmax(1, std::fabs(x)), to_bits(x));
}
float tanh_approx(float x) {
    const double exact = std::tanh((double)x);
    return off(exact, 0x1p-11 * std::fabs(exact), to_bits(x));
}
double rcp_gross(double x) {
    return upper(1 / upper(x));
}
double rsqrt_gross(double x) {
    return upper(1 / std::sqrt(upper(x)));
}
