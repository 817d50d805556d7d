// The steps of sparse_gemm.go. Steps are in bytes. Vectors are those of AVX2, of two registers.

#include "neon.h"

enum {
  tileRow = 256,  // bytes: 64 columns
  maxVectors = 8, // of a tile
};

// compress writes the non-zeros of each row, one row after the other, their places, and the number of each row's. It returns their
// total. A NaN is no zero. One value and one place are written beyond the last. A place is the distance in bytes of a tile's row from
// its first.
long compress(float *values, uint16_t *places, unsigned *counts, const char *src, long step, long rows, long cols, const struct constants *k) {
  long total = 0;
  for (; rows > 0; rows--, src += step) {
    const unsigned *row = (const unsigned *)src;
    long begin = total;
    for (long i = 0; i < cols; i++) {
      unsigned x = row[i];
      ((unsigned *)values)[total] = x;
      places[total] = i * tileRow;
      total += x << 1 != 0;
    }
    *counts++ = total - begin;
  }
  return total;
}

// sparsePanel is the type of that name in package kernels, which checks these offsets at compile time.
struct sparsePanel {
  const float *values;
  const uint16_t *places;
  const unsigned *counts;
  const char *tile, *in, *base;
  char *out;
  long stepIn, stepBase, stepOut, rows, vectors;
};

// rowsOf is the loop over rows for a tile of n vectors: each non-zero is one element, by which its row of the tile is multiplied.
INLINE void rowsOf(const struct sparsePanel *p, const int n) {
  const float *values = p->values;
  const uint16_t *places = p->places;
  const char *in = p->in, *base = p->base, *tile = p->tile;
  char *out = p->out;
  for (long row = 0; row < p->rows; row++) {
    f4 sum[2 * maxVectors];
    UNROLL for (int v = 0; v < 2 * n; v++) sum[v] = in ? vld1q_f32((const float *)(in + 16 * v)) : vdupq_n_f32(0);
    for (unsigned left = p->counts[row]; left > 0; left--) {
      const float *y = (const float *)(tile + *places++);
      f4 x;
      __asm__("ldr %s0, %1" : "=w"(x) : "Q"(*values++));
      UNROLL for (int v = 0; v < 2 * n; v++) sum[v] = vfmaq_laneq_f32(sum[v], vld1q_f32(y + 4 * v), x, 0);
    }
    if (base) {
      UNROLL for (int v = 0; v < 2 * n; v++) sum[v] = vaddq_f32(sum[v], vld1q_f32((const float *)(base + 16 * v)));
      base += p->stepBase;
    }
    UNROLL for (int v = 0; v < 2 * n; v++) vst1q_f32((float *)(out + 16 * v), sum[v]);
    if (in)
      in += p->stepIn;
    out += p->stepOut;
  }
}

#define CASE(n)   \
  case n:         \
    rowsOf(p, n); \
    break;

// sparsePanel computes the sums that the type states.
void sparsePanel(const struct sparsePanel *p, const struct constants *k) {
  switch (p->vectors) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8)
  }
}
