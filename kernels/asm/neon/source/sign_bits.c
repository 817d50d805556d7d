// sign_bits.go, for n a multiple of 16.

#include "signs.h"

void packSigns(uint8_t *dst, const float *x, long n, const struct constants *k) {
  for (; n > 0; n -= 16, x += 16, dst += 2) {
    b16 top = tops(bits(vld1q_f32(x)), bits(vld1q_f32(x + 4)), bits(vld1q_f32(x + 8)), bits(vld1q_f32(x + 12)));
    b16 sum = negative(vmvnq_u8(top), k);
    sum = vpaddq_u8(sum, sum);
    sum = vpaddq_u8(sum, sum);
    sum = vpaddq_u8(sum, sum);
    vst1q_lane_u16((uint16_t *)dst, vreinterpretq_u16_u8(sum), 0);
  }
}

void unpackSigns(float *x, const uint8_t *src, long n, const struct constants *k) {
  const f4 plus = vdupq_n_f32(1), minus = vdupq_n_f32(-1);
  for (; n > 0; n -= 16, x += 16, src += 2) {
    b16 set = vtstq_u8(vcombine_u8(vdup_n_u8(src[0]), vdup_n_u8(src[1])), k->bit);
    int16x8_t low = vmovl_s8(vreinterpret_s8_u8(vget_low_u8(set))), high = vmovl_high_s8(vreinterpretq_s8_u8(set));
    vst1q_f32(x, vbslq_f32(vreinterpretq_u32_s32(vmovl_s16(vget_low_s16(low))), plus, minus));
    vst1q_f32(x + 4, vbslq_f32(vreinterpretq_u32_s32(vmovl_high_s16(low)), plus, minus));
    vst1q_f32(x + 8, vbslq_f32(vreinterpretq_u32_s32(vmovl_s16(vget_low_s16(high))), plus, minus));
    vst1q_f32(x + 12, vbslq_f32(vreinterpretq_u32_s32(vmovl_high_s16(high)), plus, minus));
  }
}
