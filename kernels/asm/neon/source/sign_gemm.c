// The steps of sign_gemm.go, which sign_gemm_scalar.go states in plain Go. Steps are in bytes.

#include "signs.h"

enum {
  group = 5,        // rows of P that share a table
  entryBytes = 64,  // 16 columns
  tableBytes = 32 * entryBytes,
  block = 64,       // rows of S whose packed signs are adjacent
  word = 6,         // groups whose signs share a word
  wordSigns = word * group,
  plusOne = 0x3f800000,
};

// packSignRows packs 30 signs of a row into each word, for up to 64 rows. The words of one column of 30 signs are adjacent. The result
// is zero if all signs are ±1.
unsigned packSignRows(unsigned *words, const char *s, long stepS, long rows, long n, const struct constants *k) {
  u4 wrong = vdupq_n_u32(0);
  unsigned wrongRest = 0;
  for (long row = 0; row < rows; row++) {
    const unsigned *at = (const unsigned *)(s + row * stepS);
    unsigned *to = words + row;
    long left = n;
    for (; left >= 32; left -= wordSigns, at += wordSigns, to += block) {
      u4 x[8];
      UNROLL for (int i = 0; i < 8; i++) {
        x[i] = vld1q_u32(at + 4 * i);
        wrong = vorrq_u32(wrong, veorq_u32(x[i], bits(k->one)));
      }
      b16 low = negative(tops(x[0], x[1], x[2], x[3]), k), high = negative(tops(x[4], x[5], x[6], x[7]), k);
      b16 sum = vpaddq_u8(low, high);
      sum = vpaddq_u8(sum, sum);
      sum = vpaddq_u8(sum, sum);
      *to = vgetq_lane_u32(vreinterpretq_u32_u8(sum), 0);
    }
    for (; left > 0; left -= wordSigns, to += block) {
      unsigned signs = 0;
      for (long i = 0; i < left && i < wordSigns; i++) {
        unsigned x = *at++;
        wrongRest |= x ^ plusOne;
        signs |= x >> 31 << i;
      }
      *to = signs;
    }
  }
  return (vmaxvq_u32(vandq_u32(wrong, k->magnitude)) | wrongRest) & 0x7fffffff;
}

// spreadSigns turns each of count words of up to 64 rows into six indices. It writes indices for all rows of a multiple of 16.
void spreadSigns(uint8_t *index, const unsigned *words, long count, long rows, const struct constants *k) {
  const b16 indexBits = vdupq_n_u8(0xf8);
  for (; count > 0; count--, index += word * block, words += block)
    for (long i = 0; i < rows; i += 16) {
      u4 w[4];
      UNROLL for (int j = 0; j < 4; j++) w[j] = vld1q_u32(words + i + 4 * j);
      UNROLL for (int t = 0; t < word; t++) {
        u4 x[4]; // the signs of group t at the top of a lane
        UNROLL for (int j = 0; j < 4; j++) x[j] = w[j] << (32 - group * (t + 1));
        vst1q_u8(index + block * t + i, vandq_u8(tops(x[0], x[1], x[2], x[3]), indexBits));
      }
    }
}

// packSignColumns packs k rows of S, which have one sign each for up to 64 rows of its transpose. The result is zero if all signs are ±1.
unsigned packSignColumns(uint8_t *index, const char *s, long stepS, long rows, long n, const struct constants *k) {
  u4 wrong = vdupq_n_u32(0);
  unsigned wrongRest = 0;
  for (; n > 0; n -= group, index += block, s += group * stepS) {
    const long columns = n < group ? n : group;
    long i = 0;
    for (; i + 16 <= rows; i += 16) {
      const char *at = s + 4 * i;
      u4 sign[4] = {};
      for (long l = 0; l < group; l++, at += stepS)
        UNROLL for (int j = 0; j < 4; j++) {
          // The signs so far move down by one, below the new one.
          u4 x = vdupq_n_u32(0);
          if (l < columns) {
            x = vld1q_u32((const unsigned *)at + 4 * j);
            wrong = vorrq_u32(wrong, veorq_u32(x, bits(k->one)));
          }
          sign[j] = vsriq_n_u32(x, sign[j], 1);
        }
      vst1q_u8(index + i, vandq_u8(tops(sign[0], sign[1], sign[2], sign[3]), vdupq_n_u8(0xf8)));
    }
    for (; i < rows; i++) {
      const char *at = s + 4 * i;
      unsigned signs = 0;
      for (long l = 0; l < columns; l++, at += stepS) {
        unsigned x = *(const unsigned *)at;
        wrongRest |= x ^ plusOne;
        signs |= x >> 31 << l;
      }
      index[i] = signs << 3;
    }
  }
  return (vmaxvq_u32(vandq_u32(wrong, k->magnitude)) | wrongRest) & 0x7fffffff;
}

// transpose writes the transpose of up to 16 rows, or adds it if add is not zero.
void transpose(char *dst, long stepDst, const char *src, long stepSrc, long rows, long cols, long add, const struct constants *k) {
  for (; rows > 0; rows -= 4, dst += 16, src += 4 * stepSrc) {
    char *to = dst;
    long j = 0;
    for (; rows >= 4 && j + 4 <= cols; j += 4, to += 4 * stepDst) {
      const char *at = src + 4 * j;
      f4 a = vld1q_f32((const float *)at), b = vld1q_f32((const float *)(at + stepSrc));
      f4 c = vld1q_f32((const float *)(at + 2 * stepSrc)), d = vld1q_f32((const float *)(at + 3 * stepSrc));
      f4 ac = vzip1q_f32(a, c), bd = vzip1q_f32(b, d), AC = vzip2q_f32(a, c), BD = vzip2q_f32(b, d);
      f4 column[4] = {vzip1q_f32(ac, bd), vzip2q_f32(ac, bd), vzip1q_f32(AC, BD), vzip2q_f32(AC, BD)};
      UNROLL for (int i = 0; i < 4; i++) {
        float *p = (float *)(to + i * stepDst);
        vst1q_f32(p, add ? vaddq_f32(vld1q_f32(p), column[i]) : column[i]);
      }
    }
    for (; j < cols; j++, to += stepDst)
      for (long r = 0; r < rows && r < 4; r++) {
        float x = ((const float *)(src + r * stepSrc))[j];
        ((float *)to)[r] = add ? ((float *)to)[r] + x : x;
      }
  }
}

// loadColumns returns up to four elements, and zeros beyond the matrix.
INLINE f4 loadColumns(const float *p, long width) {
  if (width >= 4)
    return vld1q_f32(p);
  f4 x = vdupq_n_f32(0);
  if (width > 0)
    x = vld1q_lane_f32(p, x, 0);
  if (width > 1)
    x = vld1q_lane_f32(p + 1, x, 1);
  if (width > 2)
    x = vld1q_lane_f32(p + 2, x, 2);
  return x;
}

// pairs writes the signed sums of two rows: ++, −+, +−, −−, of which the last is exactly minus the first.
INLINE void pairs(f4 *sums, f4 p, f4 q) {
  sums[0] = vaddq_f32(p, q);
  sums[1] = vsubq_f32(q, p);
  sums[2] = vsubq_f32(p, q);
  sums[3] = vnegq_f32(sums[0]);
}

// buildSignTables writes the 32 sums ((±p₀ ± p₁) + (±p₂ ± p₃)) ± p₄ of each five of depth rows of P, and fetches into the cache what
// is ahead of them. Bit l of an entry's number is the sign of pₗ.
void buildSignTables(char *tables, const char *p, long stepP, long depth, long width, long ahead, const struct constants *k) {
  for (; depth > 0; depth -= group, tables += tableBytes, p += group * stepP) {
    for (long v = 0; 4 * v < width; v++) {
      f4 row[group];
      UNROLL for (int l = 0; l < group; l++) {
        row[l] = vdupq_n_f32(0);
        if (l < depth)
          row[l] = loadColumns((const float *)(p + l * stepP + 16 * v), width - 4 * v);
      }
      f4 x[4], y[4];
      pairs(x, row[0], row[1]);
      pairs(y, row[2], row[3]);
      UNROLL for (int n = 0; n < 16; n++) {
        f4 four = vaddq_f32(x[n & 3], y[n >> 2]);
        vst1q_f32((float *)(tables + entryBytes * n + 16 * v), vaddq_f32(four, row[4]));
        vst1q_f32((float *)(tables + entryBytes * (n + 16) + 16 * v), vsubq_f32(four, row[4]));
      }
    }
    if (depth >= group)
      UNROLL for (int l = 0; l < group; l++) __builtin_prefetch(p + ahead + l * stepP);
  }
}

// slice is a slice of Go.
struct slice {
  char *data;
  long len, cap;
};

// signSum is the type of that name in package kernels, which checks these offsets at compile time. Its steps are in elements.
struct signSum {
  struct slice index, tables, in, out;
  long stepIn, stepOut, rows, pass, groups, width;
};

// addRows adds an entry of each table to rows of sums, each of some vectors.
INLINE void addRows(const struct signSum *s, const char *index, const char *in, char *out, const int rows, const int vectors) {
  f4 sum[4][4];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
    sum[r][v] = in ? vld1q_f32((const float *)(in + 4 * r * s->stepIn + 16 * v)) : vdupq_n_f32(0);
  const char *table = s->tables.data;
  for (long left = s->pass; left > 0; left--, table += tableBytes, index += block) {
    UNROLL for (int r = 0; r < rows; r++) {
      const float *entry = (const float *)(table + 8 * (long)((const uint8_t *)index)[r]);
      UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = vaddq_f32(sum[r][v], vld1q_f32(entry + 4 * v));
    }
  }
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
    vst1q_f32((float *)(out + 4 * r * s->stepOut + 16 * v), sum[r][v]);
}

INLINE void addColumns(const struct signSum *s, const int vectors) {
  const char *in = s->in.data;
  char *out = s->out.data;
  for (long i = 0; i < s->rows;) {
    const char *index = s->index.data + i / block * block * s->groups + i % block;
    const long rows = s->rows - i >= 4 ? 4 : 1;
    if (rows == 4)
      addRows(s, index, in, out, 4, vectors);
    else
      addRows(s, index, in, out, 1, vectors);
    i += rows;
    if (in)
      in += 4 * rows * s->stepIn;
    out += 4 * rows * s->stepOut;
  }
}

// addSignTables computes the sum that type signSum states. It goes on up to column 7 or 15, and writes there.
void addSignTables(const struct signSum *s, const struct constants *k) {
  if (s->width <= 8)
    addColumns(s, 2);
  else
    addColumns(s, 4);
}
