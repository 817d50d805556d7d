// exp.go, tanh.go, sign_grad.go and sign.go.

#include "exp2.h"

// exp doubles (2^r − 1)·2ⁿ⁻¹ + 2ⁿ⁻¹ rather than use 2ⁿ, which overflows near the top of the range.
void exp(float *dst, const float *a, long n, const struct constants *k) {
  EACH(n, {
    f4 x = vmaxq_f32(k->expLow, vminq_f32(k->expHigh, load(a + at, one)));
    f4 t = fma4(x, k->log2eHi, k->roundMagic);
    f4 r = fma4(x, k->log2eLo, fma4(x, k->log2eHi, vsubq_f32(k->roundMagic, t)));
    f4 h = pow2(t, 126);
    f4 q = fma4(h, exp2m1(r, k), h);
    store(dst + at, vaddq_f32(q, q), one);
  });
}

void tanh(float *dst, const float *a, long n, const struct constants *k) {
  EACH(n, store(dst + at, tanh4(load(a + at, one), k->tanhHi, k->tanhEnd, k), one););
}

// signGrad multiplies dy by the surrogate derivative of the sign, whose constants s points to.
void signGrad(float *dz, const float *dy, const float *z, long n, const float *s, const struct constants *k) {
  f4 hi = vdupq_n_f32(s[0]), lo = vdupq_n_f32(s[1]), end = vdupq_n_f32(s[2]), scale = vdupq_n_f32(s[3]);
  EACH(n, {
    f4 a = vminq_f32(end, vabsq_f32(load(z + at, one)));
    f4 t = fma4(a, hi, k->roundMagic);
    f4 r = fma4(a, lo, fma4(a, hi, vsubq_f32(k->roundMagic, t)));
    f4 h = pow2(t, 127 - 26);
    f4 e = fma4(h, exp2m1(r, k), h);
    f4 d = fma4(e, k->signGradUp, k->one);
    f4 num = vmulq_f32(vmulq_f32(e, scale), load(dy + at, one));
    store(dz + at, vdivq_f32(num, vmulq_f32(d, d)), one);
  });
}

// signs returns the signs of numbers that are not zero, and NaN where they are NaN.
INLINE f4 signs(f4 v, const struct constants *k) {
  f4 s = vbslq_f32(k->magnitude, k->one, v);
  return vbslq_f32(vcageq_f32(v, v), s, v);
}

// sign writes signs up to the first vectors that hold a zero, and returns the number of elements before them.
long sign(float *dst, const float *z, long n, const struct constants *k) {
  long i = 0;
  for (; i + 16 <= n; i += 16) {
    f4 v[4];
    u4 zero = vdupq_n_u32(0);
    UNROLL for (int j = 0; j < 4; j++) {
      v[j] = vld1q_f32(z + i + 4 * j);
      zero = vorrq_u32(zero, vceqzq_f32(v[j]));
    }
    if (vmaxvq_u32(zero) != 0)
      return i;
    UNROLL for (int j = 0; j < 4; j++)
      vst1q_f32(dst + i + 4 * j, signs(v[j], k));
  }
  for (; i < n && z[i] != 0; i++)
    store(dst + i, signs(load(z + i, 1), k), 1);
  return i;
}
