// adam.go, momentum.go and rmsprop.go.

#include "neon.h"

void adam(float *w, float *m, float *v, const float *grad, long n, const float *c, const struct constants *k) {
  f4 gradScale = vdupq_n_f32(c[0]), beta1 = vdupq_n_f32(c[1]), rest1 = vdupq_n_f32(c[2]);
  f4 beta2 = vdupq_n_f32(c[3]), rest2 = vdupq_n_f32(c[4]);
  f4 rate = vdupq_n_f32(c[5]), correct2 = vdupq_n_f32(c[6]), epsilon = vdupq_n_f32(c[7]);
  EACH(n, {
    f4 x = vmulq_f32(load(grad + at, one), gradScale);
    f4 a = fma4(load(m + at, one), beta1, vmulq_f32(x, rest1));
    f4 b = fma4(load(v + at, one), beta2, vmulq_f32(vmulq_f32(x, rest2), x));
    store(m + at, a, one);
    store(v + at, b, one);
    f4 root = vaddq_f32(vsqrtq_f32(vmulq_f32(b, correct2)), epsilon);
    store(w + at, vsubq_f32(load(w + at, one), vdivq_f32(vmulq_f32(a, rate), root)), one);
  });
}

void momentum(float *w, float *m, const float *grad, long n, float learningRate, float mu, float gradScale, const struct constants *k) {
  EACH16(n, {
    f4 a = vfmaq_n_f32(vmulq_n_f32(load(grad + at, one), gradScale), load(m + at, one), mu);
    store(m + at, a, one);
    store(w + at, vfmsq_n_f32(load(w + at, one), a, learningRate), one);
  });
}

void rmsprop(float *w, float *v, const float *grad, long n, const float *c, const struct constants *k) {
  f4 gradScale = vdupq_n_f32(c[0]), rho = vdupq_n_f32(c[1]), rest = vdupq_n_f32(c[2]);
  f4 rate = vdupq_n_f32(c[3]), epsilon = vdupq_n_f32(c[4]);
  EACH(n, {
    f4 x = vmulq_f32(load(grad + at, one), gradScale);
    f4 b = fma4(load(v + at, one), rho, vmulq_f32(vmulq_f32(x, rest), x));
    store(v + at, b, one);
    f4 root = vsqrtq_f32(vaddq_f32(b, epsilon));
    store(w + at, vsubq_f32(load(w + at, one), vdivq_f32(vmulq_f32(x, rate), root)), one);
  });
}
