// The instructions that only approximate: what they return here is off by as much as CUDA allows. What the PTX ISA lists for 0,
// infinity and NaN is exact.

#pragma once

// set_approximations says how: by up to two of their last places up or down, one way or the other from operand to operand, is 0,
// the default; 1 is always up, −1 always down, and 2 the nearest number.
void set_approximations(int mode);

float div_approx(float a, float b); // 2 ulp for |b| up to 2¹²⁶; beyond it is 0
float div_full(float a, float b);   // 2 ulp
float rcp_approx(float x);          // 1 ulp
float sqrt_approx(float x);         // 1 ulp
float rsqrt_approx(float x);        // 2 ulp
float ex2_approx(float x);          // 2 ulp
float lg2_approx(float x);          // 2⁻²² for ½ ≤ x ≤ 2, else 2 ulp
float sin_approx(float x);          // 2⁻²⁰ for |x| ≤ π
float cos_approx(float x);          // likewise
float tanh_approx(float x);         // 2⁻¹¹ of it
double rcp_gross(double x);         // the upper half of a double, 20 bits; subnormals are 0
double rsqrt_gross(double x);       // likewise
