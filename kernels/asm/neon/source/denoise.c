// The kernels of denoise.go, denoise_grad.go and denoise_mse.go for each row of families.go.

#include "exp2.h"

// family is the logistic gate of G1 and G2 or the two steps of T1 and T2, a linear term and a further step.
struct family {
  int gate, linear, step, params;
};

// denoiser is the type of that name in package kernels, which checks these offsets at compile time. The fields a0, a1, shift, curve;
// slope, c, a, e; ca, step, stepSlope, hi; end, scale are in vectors, of whose lanes the instructions choose.
struct denoiser {
  f4 v[4];
};

enum { A0, A1, SHIFT, CURVE, SLOPE, C, A, E, CA, STEP, STEP_SLOPE, HI, END, SCALE };

#define GET(field) vdupq_laneq_f32(d->v[(field) / 4], (field) % 4)

INLINE struct denoiser denoiserAt(const float *p) {
  return (struct denoiser){{vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vcombine_f32(vld1_f32(p + 12), vdup_n_f32(0))}};
}

// point is what is known at four elements u.
struct point {
  f4 u;
  f4 s, ds, gate, u2;   // gate: s, s(1−s), a0 + a1·s, and u²
  f4 sum, width, skew;  // two steps: the sum of the tanh, and the sum and difference of the sech²
  f4 tanh, slope;       // further step, and its sech²
};

INLINE void logistic(struct point *pt, const struct denoiser *d, const struct constants *k) {
  pt->u2 = vmulq_f32(pt->u, pt->u);
  f4 v = fma4(pt->u2, GET(CURVE), GET(SHIFT));
  v = vmaxq_f32(k->gateFloor, vminq_f32(k->gateEnd, v));
  f4 t = vaddq_f32(v, k->roundMagic);
  f4 q = exp2m1(vsubq_f32(v, vsubq_f32(t, k->roundMagic)), k);
  f4 h = pow2(t, 127);
  q = fma4(h, q, h);
  pt->s = vdivq_f32(k->one, vaddq_f32(q, k->one));
  pt->ds = vmulq_f32(vmulq_f32(q, pt->s), pt->s);
  pt->gate = fma4(GET(A1), pt->s, GET(A0));
}

INLINE void steps(struct point *pt, const struct denoiser *d, const struct constants *k) {
  f4 e = GET(E);
  f4 plus = tanh4(fma4(GET(A), pt->u, e), k->tanhHi, k->tanhEnd, k);
  f4 minus = tanh4(fma4(GET(A), pt->u, vnegq_f32(e)), k->tanhHi, k->tanhEnd, k);
  f4 sp = sech2(plus, k), sm = sech2(minus, k);
  pt->sum = vaddq_f32(plus, minus);
  pt->width = vaddq_f32(sp, sm);
  pt->skew = vsubq_f32(sp, sm);
}

INLINE struct point pointAt(f4 u, const struct family f, const struct denoiser *d, const struct constants *k) {
  struct point pt = {.u = u};
  if (f.gate)
    logistic(&pt, d, k);
  else
    steps(&pt, d, k);
  if (f.step) {
    pt.tanh = tanh4(u, GET(HI), GET(END), k);
    pt.slope = sech2(pt.tanh, k);
  }
  return pt;
}

INLINE f4 value(const struct point *pt, const struct family f, const struct denoiser *d) {
  f4 v = f.gate ? vmulq_f32(pt->u, pt->gate) : vmulq_f32(pt->sum, GET(C));
  if (f.linear)
    v = fma4(pt->u, GET(A0), v);
  if (f.step)
    v = fma4(pt->tanh, GET(STEP), v);
  return v;
}

INLINE f4 slope(const struct point *pt, const struct family f, const struct denoiser *d) {
  f4 v = f.gate ? fma4(vmulq_f32(pt->u2, GET(SLOPE)), pt->ds, pt->gate) : vmulq_f32(pt->width, GET(CA));
  if (f.linear)
    v = vaddq_f32(v, GET(A0));
  if (f.step)
    v = fma4(pt->slope, GET(STEP_SLOPE), v);
  return v;
}

INLINE f4 scaled(f4 e, const struct denoiser *d) { return vmulq_f32(e, GET(SCALE)); }

// addPartials adds g·∂ₖf but for the factors that the caller applies.
INLINE void addPartials(f4 *s, const struct point *pt, f4 g, const struct family f) {
  f4 gu = vmulq_f32(g, pt->u);
  if (f.gate) {
    s[0] = vaddq_f32(s[0], gu);
    s[1] = fma4(pt->s, gu, s[1]);
    f4 guds = vmulq_f32(gu, pt->ds);
    s[2] = vaddq_f32(s[2], guds);
    s[3] = fma4(pt->u2, guds, s[3]);
  } else {
    s[0] = fma4(pt->sum, g, s[0]);
    s[1] = fma4(pt->width, gu, s[1]);
    s[2] = fma4(pt->skew, g, s[2]);
  }
  if (f.linear) // and no step
    s[f.params - 1] = vaddq_f32(s[f.params - 1], gu);
  if (f.step) {
    s[f.params - 2] = fma4(pt->tanh, g, s[f.params - 2]);
    s[f.params - 1] = fma4(pt->slope, gu, s[f.params - 1]);
  }
}

// READ_AGAIN keeps the compiler from copying lanes of the parameters to registers of their own, which are too few.
#define READ_AGAIN UNROLL for (int i = 0; i < 4; i++) AGAIN_VECTOR(d.v[i])

INLINE void denoise(float *dst, const float *u, long n, const float *p, const struct family f, const struct constants *k) {
  struct denoiser d = denoiserAt(p);
  EACH(n, {
    READ_AGAIN;
    struct point pt = pointAt(load(u + at, one), f, &d, k);
    store(dst + at, value(&pt, f, &d), one);
  });
}

INLINE void denoiseError(double *sum, const float *u, const float *x, long n, const float *p, const struct family f, const struct constants *k) {
  struct denoiser d = denoiserAt(p);
  f4 s = vdupq_n_f32(0);
  EACH(n, {
    READ_AGAIN;
    struct point pt = pointAt(load(u + at, one), f, &d, k);
    f4 e = vsubq_f32(value(&pt, f, &d), load(x + at, one));
    s = fma4(e, e, s);
  });
  *sum += total(s);
}

INLINE void addTotals(double *sums, const f4 *s, int params) {
  UNROLL for (int i = 0; i < params; i++) sums[i] += total(s[i]);
}

INLINE void denoiseGrad(float *du, double *sums, const float *dout, const float *u, long n, const float *p, const struct family f,
                        const struct constants *k) {
  struct denoiser d = denoiserAt(p);
  f4 s[6] = {};
  EACH(n, {
    READ_AGAIN;
    struct point pt = pointAt(load(u + at, one), f, &d, k);
    f4 g = load(dout + at, one);
    addPartials(s, &pt, g, f);
    store(du + at, vmulq_f32(g, slope(&pt, f, &d)), one);
  });
  addTotals(sums, s, f.params);
}

INLINE void denoiseMSE(float *du, double *sum, double *sums, const float *u, const float *x, long n, const float *p,
                       const struct family f, const struct constants *k) {
  struct denoiser d = denoiserAt(p);
  f4 s[6] = {}, squares = vdupq_n_f32(0);
  EACH(n, {
    READ_AGAIN;
    struct point pt = pointAt(load(u + at, one), f, &d, k);
    f4 e = vsubq_f32(value(&pt, f, &d), load(x + at, one));
    squares = fma4(e, e, squares);
    addPartials(s, &pt, e, f);
    store(du + at, vmulq_f32(scaled(e, &d), slope(&pt, f, &d)), one);
  });
  *sum += total(squares);
  addTotals(sums, s, f.params);
}

#define FAMILY(name, ...)                                                                                                      \
  void denoise##name(float *dst, const float *u, long n, const float *p, const struct constants *k) {                          \
    denoise(dst, u, n, p, (struct family){__VA_ARGS__}, k);                                                                    \
  }                                                                                                                            \
  void denoiseError##name(double *sum, const float *u, const float *x, long n, const float *p, const struct constants *k) {    \
    denoiseError(sum, u, x, n, p, (struct family){__VA_ARGS__}, k);                                                            \
  }                                                                                                                            \
  void denoiseGrad##name(float *du, double *sums, const float *dout, const float *u, long n, const float *p,                   \
                         const struct constants *k) {                                                                          \
    denoiseGrad(du, sums, dout, u, n, p, (struct family){__VA_ARGS__}, k);                                                     \
  }                                                                                                                            \
  void denoiseMSE##name(float *du, double *sum, double *sums, const float *u, const float *x, long n, const float *p,          \
                        const struct constants *k) {                                                                           \
    denoiseMSE(du, sum, sums, u, x, n, p, (struct family){__VA_ARGS__}, k);                                                    \
  }

FAMILY(G1, .gate = 1, .params = 4)
FAMILY(G2, .gate = 1, .step = 1, .params = 6)
FAMILY(T1, .params = 3)
FAMILY(T2, .step = 1, .params = 5)
FAMILY(U1, .linear = 1, .params = 4)
