// hadamard.go, for n a power of two and at least 64: one pass for the stages within eight vectors, then passes of three stages, and a
// last one of the stages that are left.

#include "neon.h"

// butterflies does the stages across vectors, whose number is a power of two.
INLINE void butterflies(f4 *v, const int count) {
  UNROLL for (int h = 1; h < count; h *= 2) UNROLL for (int i = 0; i < count; i++) if (!(i & h)) {
    f4 a = v[i], b = v[i + h];
    v[i] = vaddq_f32(a, b);
    v[i + h] = vsubq_f32(a, b);
  }
}

// within does the two stages within the lanes of two vectors.
INLINE void within(f4 *v) {
  f4 even = vuzp1q_f32(v[0], v[1]), odd = vuzp2q_f32(v[0], v[1]);
  f4 sum = vaddq_f32(even, odd), difference = vsubq_f32(even, odd);
  float64x2_t a = vreinterpretq_f64_f32(vzip1q_f32(sum, difference)), b = vreinterpretq_f64_f32(vzip2q_f32(sum, difference));
  f4 low = vreinterpretq_f32_f64(vtrn1q_f64(a, b)), high = vreinterpretq_f32_f64(vtrn2q_f64(a, b));
  a = vreinterpretq_f64_f32(vaddq_f32(low, high)), b = vreinterpretq_f64_f32(vsubq_f32(low, high));
  v[0] = vreinterpretq_f32_f64(vtrn1q_f64(a, b));
  v[1] = vreinterpretq_f32_f64(vtrn2q_f64(a, b));
}

// pass combines count vectors at distances of the stride.
INLINE void pass(float *x, long n, long stride, const int count) {
  for (float *group = x; group < x + n; group += count * stride)
    for (float *at = group; at < group + stride; at += 4) {
      f4 v[8];
      UNROLL for (int i = 0; i < count; i++) v[i] = vld1q_f32(at + i * stride);
      butterflies(v, count);
      UNROLL for (int i = 0; i < count; i++) vst1q_f32(at + i * stride, v[i]);
    }
}

void hadamard(float *x, long n, const struct constants *k) {
  for (float *at = x; at < x + n; at += 32) {
    f4 v[8];
    UNROLL for (int i = 0; i < 8; i++) v[i] = vld1q_f32(at + 4 * i);
    UNROLL for (int i = 0; i < 8; i += 2) within(v + i);
    butterflies(v, 8);
    UNROLL for (int i = 0; i < 8; i++) vst1q_f32(at + 4 * i, v[i]);
  }
  long stride = 32;
  for (; 8 * stride <= n; stride *= 8)
    pass(x, n, stride, 8);
  if (4 * stride <= n)
    pass(x, n, stride, 4);
  else if (2 * stride <= n)
    pass(x, n, stride, 2);
}
