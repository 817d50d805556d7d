// The families of denoisers: see families.go. list.cuh says what each is made of.

#pragma once
#include "exp.cuh"
#include "vector.cuh"

constexpr int MAX_PARAMS = 6;

// linear_at and step_at are the numbers of the first parameter of the linear term and of the step, behind those of the base.
__host__ __device__ constexpr int linear_at(int family) {
    return base(family) == GATE ? 4 : 3;
}
__host__ __device__ constexpr int step_at(int family) {
    return linear_at(family) + is_linear(family);
}

// Denoiser is a family with its parameters ready for evaluation; gain turns the k-th sum into Σ out·∂ₖf. 96 bytes:
// cuda/prepare.go keeps room for it.
struct Denoiser {
    float a0, a1, shift, curve, slope; // G; a0 is b of a linear term too
    float c, a, e, ca;                 // T
    float step, step_slope, hi;        // the step of G2 and T2
    double gain[MAX_PARAMS];

    __device__ void set_step(int k, double height, double steepness) {
        const double sign = copysign(1.0, steepness), twice = -2 * fabs(steepness) * LOG2E;
        step = (float)(sign * height);
        step_slope = (float)(height * steepness);
        hi = (float)twice;
        gain[k] = sign;
        gain[k + 1] = height;
    }

    __device__ void prepare(int family, const float* theta) {
        double t[MAX_PARAMS];
        for (int k = 0; k < MAX_PARAMS; k++) {
            t[k] = k < params(family) ? theta[k] : 0;
            gain[k] = 1;
        }
        if (base(family) == GATE) {
            // softplus and its derivative
            const double small = exp(-fabs(t[3])), rho = fmax(t[3], 0.0) + log1p(small);
            const double sigma = (t[3] >= 0 ? 1 : small) / (1 + small);
            a0 = theta[0];
            a1 = theta[1];
            shift = (float)(-t[2] * LOG2E);
            curve = (float)((t[3] == t[3] ? -rho : t[3]) * LOG2E);
            slope = (float)(2 * t[1] * rho);
            gain[2] = t[1];
            gain[3] = t[1] * sigma;
        }
        if (base(family) == PAIR) {
            c = theta[0];
            a = theta[1];
            e = theta[2];
            ca = (float)(t[0] * t[1]);
            gain[1] = gain[2] = t[0];
        }
        if (is_linear(family))
            a0 = theta[linear_at(family)];
        if (has_step(family)) {
            const int k = step_at(family);
            set_step(k, t[k], t[k + 1]);
        }
    }
};

// Point is the value of f at one u, its slope, and ∂ₖf but for the gain.
struct Point {
    float value, slope, partial[MAX_PARAMS];
};

template <int F> __device__ inline void add_step(const Denoiser& d, float u, Point* p) {
    constexpr int k = step_at(F);
    const float tanh = tanh_near(u, d.hi), slope = sech2(tanh);
    p->value = fmaf(d.step, tanh, p->value);
    p->slope = fmaf(d.step_slope, slope, p->slope);
    p->partial[k] = tanh;
    p->partial[k + 1] = u * slope;
}

// at evaluates the family F at u.
template <int F> __device__ inline Point at(const Denoiser& d, float u) {
    Point p;
    static_assert(base(F) == GATE || base(F) == PAIR, "a family without base");
    if constexpr (base(F) == GATE) {
        const float u2 = u * u;
        const float e = exp2_of(at_most(fmaf(u2, d.curve, d.shift), 126));
        const float s = reciprocal(1 + e), ds = e * s * s, gate = fmaf(d.a1, s, d.a0), uds = u * ds;
        p.value = u * gate;
        p.slope = fmaf(d.slope * u2, ds, gate);
        p.partial[0] = u;
        p.partial[1] = u * s;
        p.partial[2] = uds;
        p.partial[3] = uds * u2;
    }
    if constexpr (base(F) == PAIR) {
        constexpr float HI = -2 * LOG2E_HI;
        const float tp = tanh_near(fmaf(d.a, u, d.e), HI), tm = tanh_near(fmaf(d.a, u, -d.e), HI);
        const float sp = sech2(tp), sm = sech2(tm), sum = tp + tm, width = sp + sm;
        p.value = d.c * sum;
        p.slope = d.ca * width;
        p.partial[0] = sum;
        p.partial[1] = u * width;
        p.partial[2] = sp - sm;
    }
    if constexpr (is_linear(F)) {
        p.value = fmaf(d.a0, u, p.value);
        p.slope += d.a0;
        p.partial[linear_at(F)] = u;
    }
    if constexpr (has_step(F))
        add_step<F>(d, u, &p);
    return p;
}

static_assert(sizeof(Denoiser) == 96, "layout");

// shared_denoiser gives the block the denoiser that Prepare left for its replica.
__device__ inline const Denoiser& shared_denoiser(Tensor prepared) {
    __shared__ Denoiser d;
    copy_words(&d, data(prepared), sizeof d / 4);
    __syncthreads();
    return d;
}

// dispatch calls f with the family as a constant. What is no family ends the kernel with an error.
template <class F> __device__ inline void dispatch(int family, F f) {
    switch (family) {
#define ROW(F) \
    case F: return f(Width<F>());
        FAMILIES(ROW)
#undef ROW
    }
    __trap();
}
