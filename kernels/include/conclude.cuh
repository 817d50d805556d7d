// The end of a step's forward and backward pass, once its loss is known: see finish.cu.

#pragma once
#include "kernels.cuh"

// multiplier is Schedule.At.
__device__ inline double multiplier(const Schedule& s, unsigned long long step) {
    if (step < s.warm_up)
        return (double)(step + 1) / (double)s.warm_up;
    const unsigned long long since = step - s.warm_up;
    if (s.shape == COSINE) {
        const double span = (double)s.steps - (double)s.warm_up;
        const double t = span > 0 ? fmin(1.0, (double)since / span) : 1;
        return s.final + (1 - s.final) * 0.5 * (1 + cospi(t));
    }
    if (s.shape == STEP_DOWN)
        return pow(s.factor, (double)(since / s.every));
    return 1;
}

// correction multiplies a power by its factor, as powers.go does, and returns 1/(1 − power).
__device__ inline float correction(double* power, double beta) {
    *power *= beta;
    return (float)(1 / (1 - *power));
}

// conclude ends a step of one replica, given its loss.
__device__ inline void conclude(Replica* r, double loss, double* to, const Schedule& s) {
    if (r->failed != NOT_FAILED)
        return;
    *to = loss;
    if (!isfinite(loss)) {
        r->failed = r->step;
        return;
    }
    r->rate = (float)(r->learning_rate * multiplier(s, r->step));
    r->correct1 = correction(&r->power1, s.beta1);
    r->correct2 = correction(&r->power2, s.beta2);
    r->step++;
}
