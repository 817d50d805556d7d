// The kernels that do little work on each element: axpy.go, sums.go, mse_grad.go, row_normalize.go, finite.go.

#include "neon.h"

void axpy(float *dst, const float *a, long n, float alpha, const struct constants *k) {
  EACH16(n, store(dst + at, vfmaq_n_f32(load(dst + at, one), load(a + at, one), alpha), one););
}

void add(float *dst, const float *a, const float *b, long n, const struct constants *k) {
  EACH16(n, store(dst + at, vaddq_f32(load(a + at, one), load(b + at, one)), one););
}

void mul(float *dst, const float *a, const float *b, long n, const struct constants *k) {
  EACH16(n, store(dst + at, vmulq_f32(load(a + at, one), load(b + at, one)), one););
}

void scale(float *dst, const float *a, long n, float alpha, const struct constants *k) {
  EACH16(n, store(dst + at, vmulq_n_f32(load(a + at, one), alpha), one););
}

// rowDots writes the inner product of each row, from four vectors of partial sums.
void rowDots(double *sums, const float *a, const float *b, long rows, long cols, const struct constants *k) {
  for (; rows > 0; rows--, a += cols, b += cols) {
    f4 s[4] = {};
    long i = 0;
    for (; i + 16 <= cols; i += 16)
      UNROLL for (int j = 0; j < 4; j++)
        s[j] = fma4(vld1q_f32(a + i + 4 * j), vld1q_f32(b + i + 4 * j), s[j]);
    for (; i + 4 <= cols; i += 4)
      s[0] = fma4(vld1q_f32(a + i), vld1q_f32(b + i), s[0]);
    for (; i < cols; i++)
      s[1] = fma4(load(a + i, 1), load(b + i, 1), s[1]);
    *sums++ = total(vaddq_f32(vaddq_f32(s[0], s[2]), vaddq_f32(s[1], s[3])));
  }
}

void scaleRows(float *dst, const float *a, const float *factors, long rows, long cols, const struct constants *k) {
  for (; rows > 0; rows--, dst += cols, a += cols) {
    f4 factor = vdupq_n_f32(*factors++);
    EACH16(cols, store(dst + at, vmulq_f32(factor, load(a + at, one)), one););
  }
}

void tangentRows(float *dw, const float *db, const float *bhat, const float *along, const float *inv, long rows, long cols,
                 const struct constants *k) {
  for (; rows > 0; rows--, dw += cols, db += cols, bhat += cols) {
    f4 c = vdupq_n_f32(*along++), factor = vdupq_n_f32(*inv++);
    EACH16(cols, store(dw + at, vmulq_f32(vfmsq_f32(load(db + at, one), load(bhat + at, one), c), factor), one););
  }
}

// SUMS adds to eight vectors of partial sums, and these pairwise to *sum. Its body adds to s[j], and reads at and one.
#define SUMS(n, ...)                                                                 \
  do {                                                                               \
    f4 s[8] = {};                                                                    \
    long at = 0;                                                                     \
    for (; at + 32 <= (n);) {                                                        \
      enum { one = 0 };                                                              \
      UNROLL for (int j = 0; j < 8; j++, at += 4) { __VA_ARGS__ }                    \
    }                                                                                \
    for (; at + 4 <= (n); at += 4) { enum { one = 0, j = 0 }; __VA_ARGS__ }          \
    for (; at < (n); at++) { enum { one = 1, j = 1 }; __VA_ARGS__ }                  \
    UNROLL for (int j = 0; j < 4; j++) s[j] = vaddq_f32(s[j], s[j + 4]);             \
    *sum += total(vaddq_f32(vaddq_f32(s[0], s[2]), vaddq_f32(s[1], s[3])));          \
  } while (0)

void dot(double *sum, const float *a, const float *b, long n, const struct constants *k) {
  SUMS(n, s[j] = fma4(load(a + at, one), load(b + at, one), s[j]););
}

void squaredError(double *sum, const float *a, const float *b, long n, const struct constants *k) {
  SUMS(n, {
    f4 e = vsubq_f32(load(a + at, one), load(b + at, one));
    s[j] = fma4(e, e, s[j]);
  });
}

void mseGrad(double *sum, float *du, const float *u, const float *x, long n, float scale, const struct constants *k) {
  SUMS(n, {
    f4 e = vsubq_f32(load(u + at, one), load(x + at, one));
    s[j] = fma4(e, e, s[j]);
    store(du + at, vmulq_n_f32(e, scale), one);
  });
}

// firstNonFinite compares the largest magnitude of sixteen elements, as an integer, with infinity.
long firstNonFinite(const float *a, long n, const struct constants *k) {
  const unsigned infinity = 0x7f800000;
  long i = 0;
  for (; i + 16 <= n; i += 16) {
    u4 largest = vdupq_n_u32(0);
    UNROLL for (int j = 0; j < 4; j++)
      largest = vmaxq_u32(largest, bits(vabsq_f32(vld1q_f32(a + i + 4 * j))));
    if (vmaxvq_u32(largest) >= infinity)
      break;
  }
  for (; i < n; i++)
    if ((((const unsigned *)a)[i] & infinity) == infinity)
      return i;
  return -1;
}
