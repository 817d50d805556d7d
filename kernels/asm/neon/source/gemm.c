// The inner kernels of the float32 product, gemm_vector.go: the panel kernel and those that pack operands.

#include "neon.h"

#define T float
#define V f4
#define NAME panel
#define WIDTH "s"
#define SPLAT vdupq_n_f32
#define LOAD vld1q_f32
#define STORE vst1q_f32
#define LOAD_LANE vld1q_lane_f32
#define STORE_LANE vst1q_lane_f32
#define MULTIPLY_ADD(sum, y, x) vfmaq_laneq_f32(sum, y, x, 0)
#define SCALE_ADD(c, sum, alpha) vfmaq_n_f32(c, sum, alpha)

#include "gemm_panel.h"

// pack is the frame of packA and packB. Steps are in bytes.
struct pack {
  char *dst;
  long dstStep, dstTile;
  const char *src;
  long srcStep, srcTile, count, tiles, width;
};

// copyRow copies width elements, and fills up with zeros to some vectors.
INLINE void copyRow(float *dst, const float *src, long width, const int vectors) {
  long i = 0;
  UNROLL for (int v = 0; v < vectors; v++, i += 4) {
    if (width - i >= 4) {
      vst1q_f32(dst + i, vld1q_f32(src + i));
      continue;
    }
    f4 x = vdupq_n_f32(0);
    if (width - i > 0)
      x = vld1q_lane_f32(src + i, x, 0);
    if (width - i > 1)
      x = vld1q_lane_f32(src + i + 1, x, 1);
    if (width - i > 2)
      x = vld1q_lane_f32(src + i + 2, x, 2);
    vst1q_f32(dst + i, x);
  }
}

// copyTiles copies a block whose k is its row number.
INLINE void copyTiles(const struct pack *p, const int vectors) {
  const char *src = p->src;
  char *dst = p->dst;
  for (long row = p->count; row > 0; row--, src += p->srcStep, dst += p->dstStep) {
    const char *from = src;
    char *to = dst;
    for (long tile = p->tiles; tile > 0; tile--, from += p->srcTile, to += p->dstTile)
      copyRow((float *)to, (const float *)from, p->width, vectors);
  }
}

void packA(const struct pack *p, const struct constants *k) { copyTiles(p, 2); }
void packB(const struct pack *p, const struct constants *k) { copyTiles(p, 4); }

// packTransposed copies a half of a tile, whose k is its column number: width rows of count elements become count rows of eight.
// Missing rows repeat the last one.
void packTransposed(char *dst, long dstStep, const char *src, long srcStep, long count, long width, const struct constants *k) {
  for (long half = 0; half < 2; half++, dst += 16) {
    const char *row[4];
    UNROLL for (int r = 0; r < 4; r++) {
      long at = 4 * half + r < width ? 4 * half + r : width - 1;
      row[r] = src + at * srcStep;
    }
    char *to = dst;
    long i = 0;
    for (; i + 4 <= count; i += 4) {
      f4 a = vld1q_f32((const float *)row[0] + i), b = vld1q_f32((const float *)row[1] + i);
      f4 c = vld1q_f32((const float *)row[2] + i), d = vld1q_f32((const float *)row[3] + i);
      f4 ac = vzip1q_f32(a, c), bd = vzip1q_f32(b, d), AC = vzip2q_f32(a, c), BD = vzip2q_f32(b, d);
      vst1q_f32((float *)to, vzip1q_f32(ac, bd));
      vst1q_f32((float *)(to + dstStep), vzip2q_f32(ac, bd));
      vst1q_f32((float *)(to + 2 * dstStep), vzip1q_f32(AC, BD));
      vst1q_f32((float *)(to + 3 * dstStep), vzip2q_f32(AC, BD));
      to += 4 * dstStep;
    }
    for (; i < count; i++, to += dstStep)
      UNROLL for (int r = 0; r < 4; r++) ((float *)to)[r] = ((const float *)row[r])[i];
  }
}
