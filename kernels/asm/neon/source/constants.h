// The constants of the kernels, each in every lane. They are in memory that Go owns, and every function gets their address.

#ifndef CONSTANTS_H
#define CONSTANTS_H

#include <arm_neon.h>

typedef float32x4_t f4;
typedef uint32x4_t u4;
typedef int32x4_t i4;

struct constants {
  // exp.go
  f4 exp2P0, exp2P1, exp2P2, exp2P3, exp2P4, exp2P5, roundMagic;
  f4 log2eHi, log2eLo, expHigh, expLow;
  // tanh.go
  f4 tanhHi, tanhEnd, one, two;
  u4 magnitude;
  // sign_grad.go
  f4 signGradUp;
  // families.go
  f4 gateEnd, gateFloor;
  // sample.go
  f4 logP0, logP1, logP2, logP3, logP4, logP5, logP6, logP7, ln2;
  f4 sinP0, sinP1, sinP2, sinP3, cosP0, cosP1, cosP2, cosP3;
  f4 half31, half32, half33, half30; // 2⁻³¹, 2⁻³², 2⁻³³, 2⁻³⁰
  u4 sqrtHalf, eighth, fraction;
  u4 counter; // 0, 1, 2, 3
  // sign_gemm.go and sign_bits.go: 1, 2, 4, …, 128 twice
  uint8x16_t bit;
};

#endif
