// sample.go and laws.go: whole blocks of 32 elements. counter is 16 times the first block.

#include "neon.h"

// sampler is the type of that name in package kernels, which checks these offsets at compile time.
struct sampler {
  unsigned keys[20], start[4];
  int limit;
  float scale, mean;
};

struct pair {
  f4 a, b;
};

// law says what a kernel draws: from which words, and what it does with the sign bits.
struct law {
  int normal, laplace, uniform, masked, isSigned, shifted;
};

struct words {
  u4 w[4];
};

// high returns the high words of the products of four words and a constant.
INLINE u4 high(u4 a, uint32x2_t m) {
  uint64x2_t low = vmull_lane_u32(vget_low_u32(a), m, 0), up = vmull_high_lane_u32(a, m, 0);
  return vuzp2q_u32(vreinterpretq_u32_u64(low), vreinterpretq_u32_u64(up));
}

// philox returns the words of four counters. Words 1 to 3 of the counters are the same in all lanes, and start has what becomes of
// them in rounds 0 to 2.
INLINE struct words philox(u4 counter, const struct sampler *p) {
  const uint32x2_t m0 = vdup_n_u32(0xD2511F53), m1 = vdup_n_u32(0xCD9E8D57);
  u4 c3 = vmulq_lane_u32(counter, m0, 0);
  u4 c2 = veorq_u32(high(counter, m0), vdupq_n_u32(p->start[0]));
  u4 c1 = vmulq_lane_u32(c2, m1, 0);
  u4 c0 = veorq_u32(high(c2, m1), vdupq_n_u32(p->start[1]));
  c2 = veorq_u32(c3, vdupq_n_u32(p->start[2]));
  UNROLL for (int r = 2; r < 10; r++) {
    u4 h0 = high(c0, m0), l0 = vmulq_lane_u32(c0, m0, 0);
    u4 h1 = high(c2, m1), l1 = vmulq_lane_u32(c2, m1, 0);
    c0 = veorq_u32(veorq_u32(h1, c1), vdupq_n_u32(p->keys[2 * r]));
    c1 = l1;
    c2 = r == 2 ? veorq_u32(h0, vdupq_n_u32(p->start[3])) : veorq_u32(veorq_u32(h0, c3), vdupq_n_u32(p->keys[2 * r + 1]));
    c3 = l0;
  }
  return (struct words){{c0, c1, c2, c3}};
}

INLINE f4 signedFloat(u4 w) { return vcvtq_f32_s32(vreinterpretq_s32_u32(w)); }

// uniform returns (w + ½)·2⁻³¹ of the signed w.
INLINE f4 uniform(u4 w, const struct constants *k) { return fma4(signedFloat(w), k->half31, k->half32); }

// minusLog returns −ln u of u = (w + ½)·2⁻³².
INLINE f4 minusLog(u4 w, const struct constants *k) {
  f4 s = fma4(signedFloat(w), k->half32, k->half33);
  u4 below = vreinterpretq_u32_s32(vshrq_n_s32(vreinterpretq_s32_u32(w), 31));
  f4 x = vaddq_f32(floats(vandq_u32(below, bits(k->one))), s); // s, or s + 1 where s is negative
  i4 e = vshrq_n_s32(vreinterpretq_s32_u32(vsubq_u32(bits(x), k->sqrtHalf)), 23);
  f4 f = vsubq_f32(floats(vsubq_u32(bits(x), vshlq_n_u32(vreinterpretq_u32_s32(e), 23))), k->one);
  f = vbslq_f32(vceqzq_s32(e), s, f);
  f4 q = fma4(k->logP7, f, k->logP6);
  q = fma4(q, f, k->logP5);
  q = fma4(q, f, k->logP4);
  q = fma4(q, f, k->logP3);
  q = fma4(q, f, k->logP2);
  q = fma4(q, f, k->logP1);
  q = fma4(q, f, k->logP0);
  q = fma4(q, vmulq_f32(f, f), f);
  return vfmsq_f32(vnegq_f32(q), vcvtq_f32_s32(e), k->ln2);
}

INLINE u4 signBit(u4 w) { return vshlq_n_u32(vshrq_n_u32(w, 31), 31); }

// turn returns the cosine and sine of 2π·w·2⁻³².
INLINE struct pair turn(u4 w, const struct constants *k) {
  u4 t = vaddq_u32(w, k->eighth);
  f4 y = vmulq_f32(signedFloat(vsubq_u32(vandq_u32(t, k->fraction), k->eighth)), k->half30);
  f4 y2 = vmulq_f32(y, y);
  f4 sin = fma4(k->sinP3, y2, k->sinP2);
  sin = fma4(sin, y2, k->sinP1);
  sin = vmulq_f32(fma4(sin, y2, k->sinP0), y);
  f4 cos = fma4(k->cosP3, y2, k->cosP2);
  cos = fma4(cos, y2, k->cosP1);
  cos = fma4(cos, y2, k->cosP0);
  cos = fma4(cos, y2, k->one);
  u4 next = vshlq_n_u32(t, 1);
  u4 odd = vreinterpretq_u32_s32(vshrq_n_s32(vreinterpretq_s32_u32(next), 31));
  f4 c = vbslq_f32(odd, sin, cos), s = vbslq_f32(odd, cos, sin);
  return (struct pair){
      floats(veorq_u32(bits(c), signBit(veorq_u32(t, next)))),
      floats(veorq_u32(bits(s), signBit(t))),
  };
}

// element applies mean, sign and mask to the numbers x of the words w.
INLINE f4 element(f4 x, u4 w, const struct law l, const struct sampler *p) {
  u4 sign = vshlq_n_u32(w, 31);
  if (l.shifted)
    x = vaddq_f32(x, floats(veorq_u32(sign, bits(vdupq_n_f32(p->mean)))));
  if (l.isSigned)
    x = floats(veorq_u32(sign, bits(x)));
  if (l.masked) {
    i4 random = vreinterpretq_s32_u32(vshrq_n_u32(w, 1));
    x = floats(vbicq_u32(bits(x), vcgtq_s32(random, vdupq_n_s32(p->limit))));
  }
  return x;
}

// numbers are what a law draws of the words, before mean, sign and mask.
INLINE struct pair numbers(const struct words *w, const struct law l, const struct sampler *p, const struct constants *k) {
  f4 scale = vdupq_n_f32(p->scale);
  if (l.normal) {
    f4 log = minusLog(w->w[0], k);
    f4 radius = vmulq_f32(vsqrtq_f32(vaddq_f32(log, log)), scale);
    struct pair t = turn(w->w[1], k);
    return (struct pair){vmulq_f32(radius, t.a), vmulq_f32(radius, t.b)};
  }
  if (l.laplace)
    return (struct pair){vmulq_f32(minusLog(w->w[0], k), scale), vmulq_f32(minusLog(w->w[1], k), scale)};
  if (l.uniform)
    return (struct pair){vmulq_f32(uniform(w->w[0], k), scale), vmulq_f32(uniform(w->w[1], k), scale)};
  return (struct pair){scale, scale};
}

INLINE void sample(float *dst, long blocks, unsigned counter, const struct sampler *p, const struct law l, const struct constants *k) {
  u4 next = vaddq_u32(vdupq_n_u32(counter), k->counter);
  for (; blocks > 0; blocks--, dst += 16) {
    for (float *end = dst + 16; dst < end; dst += 4) {
      AGAIN(p);
      AGAIN(k);
      struct words w = philox(next, p);
      struct pair x = numbers(&w, l, p, k);
      vst1q_f32(dst, element(x.a, w.w[2], l, p));
      vst1q_f32(dst + 16, element(x.b, w.w[3], l, p));
      next = vaddq_u32(next, vdupq_n_u32(4));
    }
  }
}

#define LAW(name, ...)                                                                                          \
  void name(float *dst, long blocks, unsigned counter, const struct sampler *p, const struct constants *k) {    \
    sample(dst, blocks, counter, p, (struct law){__VA_ARGS__}, k);                                              \
  }

LAW(sampleGaussian, .normal = 1)
LAW(sampleSparseGaussian, .normal = 1, .masked = 1)
LAW(sampleSparseRademacher, .masked = 1, .isSigned = 1)
LAW(sampleSparseLaplace, .laplace = 1, .masked = 1, .isSigned = 1)
LAW(sampleSparseMixture, .normal = 1, .masked = 1, .shifted = 1)
LAW(sampleSparseUniform, .uniform = 1, .masked = 1)
