// Instructions of a whole warp for tensor cores. Fragments are those of the PTX ISA.

#pragma once

#include "access.h"
#include "sums.h"

// set_tensor_sums says how a tensor core adds up. The PTX ISA leaves it open; what is known was found by experiments: Khattak and
// Mikaitis, arXiv:2512.07004, and Xie and others, arXiv:2511.10909. All terms are cut off at one place, and the sum is cut off to
// float32. Forwards is as on Hopper: 16 products and c at once, 25 bits behind the point of the largest. Backwards is as on Ampere,
// eight products at a time with 24 bits, but the last eight first. In halves a sum is of float32, rounded to nearest.
void set_tensor_sums(Sums order);

// mma_bf16 is mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32: d = a·b + c.
void mma_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const float (&c)[4], int line);

// load_matrices is ldmatrix.sync.aligned.m8n8.x4.shared.b16, where TRANSPOSED with .trans.
template <bool TRANSPOSED> void load_matrices(uint32_t (&d)[4], uint32_t at, int line);
