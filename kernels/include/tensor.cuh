// Products of numbers with a code, on tensor cores. A code is ±1, or 0 where there is none, and exact as bf16. The numbers are sums of
// three bf16, and so exact too: 24 bits are three times eight.
//
// Fragments are those of mma.m16n8k16 in the PTX ISA: of the lane 4·g + t, row g and g + 8 of the left factor and columns 2t, 2t + 1,
// 2t + 8, 2t + 9 of it; rows 2t, 2t + 1, 2t + 8, 2t + 9 and column g of the right one.

#pragma once
#include "kernels.cuh"

constexpr int PARTS = 3;

// upper_halves is two neighbours cut off to bf16, the first one below.
__device__ inline unsigned upper_halves(float a, float b) {
    return __byte_perm(__float_as_uint(a), __float_as_uint(b), 0x7632);
}

// LeftFragment is 16 rows and columns of the numbers, in three parts. Two neighbours of a row are one register, the first one below.
struct LeftFragment {
    unsigned part[PARTS][4];

    // set splits two neighbours. What a number has below 2⁻¹³³ is lost, and the parts of Inf are Inf and NaN.
    __device__ void set(int k, float a, float b) {
#pragma unroll
        for (int i = 0; i < PARTS; i++) {
            part[i][k] = upper_halves(a, b);
            a -= __uint_as_float(__float_as_uint(a) & 0xffff0000);
            b -= __uint_as_float(__float_as_uint(b) & 0xffff0000);
        }
    }
};

// CodeFragment is 16 rows and twice eight columns of the code.
struct CodeFragment {
    unsigned half[2][2];

    // read reads the fragment that begins with the given number. Its columns are rows of memory or, where ACROSS, columns. Rows of memory
    // are pitch numbers apart, an odd multiple of eight, so that eight rows lie in different banks.
    template <bool ACROSS> __device__ void read(const unsigned short* from, int pitch) {
        const int lane = threadIdx.x % 32, row = lane % 8 + (ACROSS ? lane & 8 : lane / 16 * 8), col = ACROSS ? lane / 16 * 8 : lane & 8;
        const unsigned at = (unsigned)__cvta_generic_to_shared(from + row * pitch + col);
        if constexpr (ACROSS)
            asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                         : "=r"(half[0][0]), "=r"(half[0][1]), "=r"(half[1][0]), "=r"(half[1][1]) : "r"(at) : "memory");
        else
            asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                         : "=r"(half[0][0]), "=r"(half[0][1]), "=r"(half[1][0]), "=r"(half[1][1]) : "r"(at) : "memory");
    }
};

// multiply adds a·b to sum.
__device__ inline void multiply(float (&sum)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// GROUP is how many times eight columns are multiplied at a time: an instruction waits for the one before it on the same sums.
constexpr int GROUP = 4;

// add_product adds left·right to the sums of N times eight columns, where right(j) is the columns from 8·j on, for even j. Tensor cores
// cut off what they add: so small parts come first, and what they make of 16 terms is added in float32.
template <int N, class F> __device__ inline void add_product(float (&sum)[N][4], const LeftFragment& left, F right) {
#pragma unroll
    for (int first = 0; first < N; first += GROUP) {
        CodeFragment codes[GROUP / 2];
        float of[GROUP][4] = {};
#pragma unroll
        for (int j = 0; j < GROUP && first + j < N; j += 2)
            codes[j / 2] = right(first + j);
#pragma unroll
        for (int i = PARTS - 1; i >= 0; i--)
#pragma unroll
            for (int j = 0; j < GROUP && first + j < N; j++)
                multiply(of[j], left.part[i], codes[j / 2].half[j % 2]);
#pragma unroll
        for (int j = 0; j < GROUP && first + j < N; j++)
#pragma unroll
            for (int q = 0; q < 4; q++)
                sum[first + j][q] += of[j][q];
    }
}
