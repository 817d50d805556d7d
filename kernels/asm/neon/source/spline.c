// The kernels of spline.go, on float64. They take eight elements at a time, two in a vector.

#include "neon.h"

typedef float64x2_t d2;

enum { CELLS = 128, TRIP = 8, TABLES = 4 };

// spline begins like the type of that name in package kernels, which checks these offsets at compile time.
struct spline {
  double inverse, centre, last, slope;
  double squares[TRIP];
  double cells[CELLS][2];
  double sums[CELLS][TABLES][2];
};

// knots are its first numbers, in every lane.
struct knots {
  d2 inverse, centre, last, slope;
};

INLINE struct knots knotsOf(const struct spline *s) {
  return (struct knots){vdupq_n_f64(s->inverse), vdupq_n_f64(s->centre), vdupq_n_f64(s->last), vdupq_n_f64(s->slope)};
}

// place is the cells of two elements: their numbers, the values at their left knots and the rises to the right ones, and t.
struct place {
  long cell[2];
  d2 left, rise, t;
};

INLINE d2 loadWide(const float *p) { return vcvt_f64_f32(vld1_f32(p)); }

INLINE void storeNarrow(float *p, d2 x) { vst1_f32(p, vcvt_f32_f64(x)); }

// find finds the cells. The greater of a NaN and 0 is 0 here.
INLINE struct place find(const float *u, const struct spline *s, const struct knots *k) {
  d2 x = vaddq_f64(vmulq_f64(loadWide(u), k->inverse), k->centre);
  int64x2_t cell = vcvtq_s64_f64(vminq_f64(k->last, vmaxnmq_f64(x, vdupq_n_f64(0))));
  struct place at = {.cell = {vgetq_lane_s64(cell, 0), vgetq_lane_s64(cell, 1)}};
  d2 even = vld1q_f64(s->cells[at.cell[0]]), odd = vld1q_f64(s->cells[at.cell[1]]);
  at.left = vtrn1q_f64(even, odd);
  at.rise = vtrn2q_f64(even, odd);
  at.t = vsubq_f64(x, vcvtq_f64_s64(cell));
  return at;
}

INLINE d2 valueAt(const struct place *at) { return vaddq_f64(vmulq_f64(at->t, at->rise), at->left); }

INLINE void addTo(double *sum, d2 x) { vst1q_f64(sum, vaddq_f64(vld1q_f64(sum), x)); }

// addToCells adds g and g·t to the sums of the cells; the first of the two elements has the given number in the trip.
INLINE void addToCells(struct spline *s, const struct place *at, d2 g, int first) {
  d2 gt = vmulq_f64(g, at->t);
  addTo(s->sums[at->cell[0]][first % TABLES], vtrn1q_f64(g, gt));
  addTo(s->sums[at->cell[1]][first % TABLES + 1], vtrn2q_f64(g, gt));
}

// PAIRS runs its body for every two elements, from at on; they are the elements from first on of a trip.
#define PAIRS(n, ...)                                                          \
  for (long trip = 0; trip < (n); trip += TRIP)                                \
    UNROLL for (int first = 0; first < TRIP; first += 2) {                     \
      long at = trip + first;                                                  \
      __VA_ARGS__                                                              \
    }

void splineDenoise(float *dst, const float *u, long n, const struct spline *s, const struct constants *c) {
  struct knots k = knotsOf(s);
  PAIRS(n, {
    struct place p = find(u + at, s, &k);
    storeNarrow(dst + at, valueAt(&p));
  })
}

void splineError(const float *u, const float *x, long n, struct spline *s, const struct constants *c) {
  struct knots k = knotsOf(s);
  PAIRS(n, {
    struct place p = find(u + at, s, &k);
    d2 e = vsubq_f64(valueAt(&p), loadWide(x + at));
    addTo(s->squares + first, vmulq_f64(e, e));
  })
}

void splineGrad(float *du, const float *dout, const float *u, long n, struct spline *s, const struct constants *c) {
  struct knots k = knotsOf(s);
  PAIRS(n, {
    struct place p = find(u + at, s, &k);
    d2 g = loadWide(dout + at);
    addToCells(s, &p, g, first);
    storeNarrow(du + at, vmulq_f64(vmulq_f64(k.slope, g), p.rise));
  })
}

void splineMSE(float *du, const float *u, const float *x, long n, struct spline *s, const struct constants *c) {
  struct knots k = knotsOf(s);
  PAIRS(n, {
    struct place p = find(u + at, s, &k);
    d2 e = vsubq_f64(valueAt(&p), loadWide(x + at));
    addTo(s->squares + first, vmulq_f64(e, e));
    addToCells(s, &p, e, first);
    storeNarrow(du + at, vmulq_f64(vmulq_f64(k.slope, e), p.rise));
  })
}
