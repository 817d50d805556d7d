// The sign bits of many numbers at once.

#include "neon.h"

typedef uint8x16_t b16;

// tops returns the top byte of every lane of four vectors.
INLINE b16 tops(u4 a, u4 b, u4 c, u4 d) {
  uint16x8_t ab = vuzp2q_u16(vreinterpretq_u16_u32(a), vreinterpretq_u16_u32(b));
  uint16x8_t cd = vuzp2q_u16(vreinterpretq_u16_u32(c), vreinterpretq_u16_u32(d));
  return vuzp2q_u8(vreinterpretq_u8_u16(ab), vreinterpretq_u8_u16(cd));
}

// negative returns the bit of its lane, modulo 8, in each byte whose own top bit is set.
INLINE b16 negative(b16 top, const struct constants *k) { return vandq_u8(vreinterpretq_u8_s8(vshrq_n_s8(vreinterpretq_s8_u8(top), 7)), k->bit); }
