// What every kernel uses: vectors of four float32, and the loops over slices.
//
// A function here becomes a Go function whose name ends in NEON. Its arguments are those of the Go function, and behind them the table
// of constants. It may call nothing and use no stack (kernels/asm/neon refuses it). Nothing is fused but by vfmaq and vfmsq, which
// round once: the compiler is called with -ffp-contract=off.

#include <arm_neon.h>

#include "constants.h"

// UNROLL writes out the loop that follows, so that what it indexes is in registers.
#define UNROLL _Pragma("clang loop unroll(full)")

#define INLINE static inline __attribute__((always_inline))

// AGAIN makes the compiler forget what it knows of a value. Without it, it would move all constants of a loop in front of the loop,
// where there are more of them than registers; to read one is as fast as to copy it.
#define AGAIN(x) __asm__("" : "+r"(x))
#define AGAIN_VECTOR(x) __asm__("" : "+w"(x))

// EACH runs its body for every four elements of n, from at on, and for each of the last three alone, with one = 1.
#define EACH(n, ...)                                                                 \
  do {                                                                               \
    long at = 0;                                                                     \
    for (; at + 4 <= (n); at += 4) { enum { one = 0 }; AGAIN(k); __VA_ARGS__ }       \
    for (; at < (n); at++) { enum { one = 1 }; AGAIN(k); __VA_ARGS__ }               \
  } while (0)

// EACH16 is EACH with four vectors at a time, for bodies of a few instructions.
#define EACH16(n, ...)                                                               \
  do {                                                                               \
    long at = 0;                                                                     \
    for (; at + 16 <= (n);) {                                                        \
      enum { one = 0 };                                                              \
      UNROLL for (int part = 0; part < 4; part++, at += 4) { __VA_ARGS__ } \
    }                                                                                \
    for (; at + 4 <= (n); at += 4) { enum { one = 0 }; __VA_ARGS__ }                 \
    for (; at < (n); at++) { enum { one = 1 }; __VA_ARGS__ }                         \
  } while (0)

// load returns four elements, or one and zeros.
INLINE f4 load(const float *p, int one) {
  return one ? vld1q_lane_f32(p, vdupq_n_f32(0), 0) : vld1q_f32(p);
}

INLINE void store(float *p, f4 x, int one) {
  if (one)
    vst1q_lane_f32(p, x, 0);
  else
    vst1q_f32(p, x);
}

INLINE u4 bits(f4 x) { return vreinterpretq_u32_f32(x); }
INLINE f4 floats(u4 x) { return vreinterpretq_f32_u32(x); }

// fma returns a·b + c, rounded once.
INLINE f4 fma4(f4 a, f4 b, f4 c) { return vfmaq_f32(c, a, b); }

// total returns the sum of the lanes, in float64.
INLINE double total(f4 x) { return vaddvq_f64(vaddq_f64(vcvt_f64_f32(vget_low_f32(x)), vcvt_high_f64_f32(x))); }
