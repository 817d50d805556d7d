// The pieces of exp.go and tanh.go that several kernels share.

#include "neon.h"

// exp2m1 returns 2^r − 1 for |r| ≤ ½.
INLINE f4 exp2m1(f4 r, const struct constants *k) {
  f4 q = fma4(k->exp2P5, r, k->exp2P4);
  q = fma4(q, r, k->exp2P3);
  q = fma4(q, r, k->exp2P2);
  q = fma4(q, r, k->exp2P1);
  q = fma4(q, r, k->exp2P0);
  return vmulq_f32(q, r);
}

// pow2 returns 2ⁿ for the n in the low bits.
INLINE f4 pow2(f4 n, unsigned bias) { return floats(vaddq_u32(vshlq_n_u32(bits(n), 23), vdupq_n_u32(bias << 23))); }

// tanh4 returns tanh(|k|x), where hi = −2|k|·log₂e and end·hi = −127.
INLINE f4 tanh4(f4 x, f4 hi, f4 end, const struct constants *k) {
  f4 a = vminq_f32(end, vabsq_f32(x));
  f4 t = fma4(a, hi, k->roundMagic);
  f4 p = exp2m1(fma4(a, hi, vsubq_f32(k->roundMagic, t)), k);
  f4 h = pow2(t, 127);
  f4 q = fma4(h, p, vsubq_f32(h, k->one));
  return vbslq_f32(k->magnitude, vdivq_f32(q, vaddq_f32(q, k->two)), x);
}

// sech2 returns 1 − tanh².
INLINE f4 sech2(f4 tanh, const struct constants *k) { return vfmsq_f32(k->one, tanh, tanh); }
