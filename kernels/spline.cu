// The piecewise-linear denoisers: see spline.go.
//
//	Spline:     dst[i] = f(u[i])
//	SplineGrad: du[i]  = dout[i]·f′(u[i])            dtheta[k] = Σᵢ dout[i]·∂ₖf(u[i])
//	SplineMSE:  du[i]  = scale·e[i]·f′(u[i])         dtheta[k] = scale·Σᵢ e[i]·∂ₖf(u[i])
//	            e[i]   = f(u[i]) − x[i]              loss      = Σᵢ e[i]²/n
//
// Float64, with the roundings of spline.go but for the order of sums. NaN in u gives NaN, NaN in θ where f depends on it.
//
// The gradient with respect to θ follows from two sums for each cell between two knots. Every warp keeps its own: the
// lanes put down what they add, and of those that fell into the same cell the first adds it up, in the order of lanes. In
// the end the warps are added in order. So the same numbers are added in the same order in every run.

#include "sum.cuh"

constexpr int MAX_CELLS = 128, MAX_KNOTS = MAX_CELLS + 1, SPLINE_RANGE = 4;
constexpr int MONOTONE = 1 << 6; // a bit of Family
constexpr int WARPS = THREADS / 32;

// Cell is what lies between two knots: the value at the left one, the rise to the right one, and the derivative of the rise
// in s of a monotone spline.
struct Cell {
    double value, rise, slope;
};

// Bin is Σ g and Σ g·t over elements of a cell, g the gradient with respect to f(u).
struct Bin {
    double g, gt;
};

// Knots is a spline ready for evaluation.
struct Knots {
    int last, middle; // the last cell, and the one right of the knot whose value is θ₀ of a monotone spline
    bool monotone;
    double inverse, centre; // 1/h and (K−1)/2
    Cell* cells;

    // find returns the cell of u and t within it. NaN falls into the first cell.
    __device__ int find(float u, double* t) const {
        const double x = u * inverse + centre;
        const int k = (int)fmin(fmax(x, 0.0), (double)last);
        *t = x - k;
        return k;
    }

    __device__ double at(int k, double t) const { return t * cells[k].rise + cells[k].value; }
};

__device__ inline Knots knots_of(int family, Cell* cells) {
    const int knots = family >> 8;
    const double steps = knots - 1;
    return {knots - 2, (knots - 1) / 2, (family & MONOTONE) != 0, steps / (2 * SPLINE_RANGE), steps / 2, cells};
}

// climb fills the cells of a monotone spline; every value is added up from the middle knot outwards.
__device__ inline void climb(const Knots& s, const float* theta) {
    const int k = threadIdx.x;
    Cell* const cells = s.cells;
    if (k <= s.last) {
        const double x = theta[1 + k], e = exp(-fabs(x));
        cells[k].rise = (x == x ? fmax(x, 0.0) + log1p(e) : x) / s.inverse;
        cells[k].slope = (x >= 0 ? 1 : e) / (1 + e) / s.inverse;
    }
    __syncthreads();
    if (k > s.last)
        return;
    double value = theta[0];
    for (int j = s.middle; j < k; j++)
        value += cells[j].rise;
    for (int j = s.middle - 1; j >= k; j--)
        value -= cells[j].rise;
    cells[k].value = value;
}

// PrepareSpline: one block of 128 threads for each replica, a cell by each thread, before the others: θ becomes the Cells that
// they read, once a step.
extern "C" __global__ void PrepareSpline(Tensor prepared, Tensor theta, int family) {
    __shared__ Cell cells[MAX_CELLS];
    const Knots s = knots_of(family, cells);
    const int k = threadIdx.x;
    const float* const from = data(theta);
    if (s.monotone)
        climb(s, from);
    else if (k <= s.last)
        cells[k] = {from[k], (double)from[k + 1] - from[k], 0};
    if (k <= s.last)
        reinterpret_cast<Cell*>(data(prepared))[k] = cells[k];
}

// shared_knots gives the block the spline that PrepareSpline left for its replica.
__device__ inline Knots shared_knots(int family, Tensor prepared) {
    __shared__ Cell cells[MAX_CELLS];
    const Knots s = knots_of(family, cells);
    copy_words(cells, data(prepared), (s.last + 1) * (int)sizeof(Cell) / 4);
    __syncthreads();
    return s;
}

// Histogram is the sums of a block's cells.
struct Histogram {
    Bin (*bins)[MAX_CELLS]; // by warp
    Bin (*lanes)[32];

    // add adds every lane's g and g·t to its cell; lanes without an element name MAX_CELLS. All lanes of a warp call it.
    __device__ void add(int cell, double g, double t) {
        const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
        lanes[warp][lane] = {g, g * t};
        const unsigned together = __match_any_sync(0xffffffff, cell);
        __syncwarp();
        if (cell < MAX_CELLS && __ffs(together) - 1 == lane) {
            Bin sum = bins[warp][cell];
            for (unsigned rest = together; rest; rest &= rest - 1) {
                const Bin& b = lanes[warp][__ffs(rest) - 1];
                sum.g += b.g;
                sum.gt += b.gt;
            }
            bins[warp][cell] = sum;
        }
        __syncwarp();
    }
};

__device__ inline Histogram shared_histogram() {
    __shared__ Bin bins[WARPS][MAX_CELLS], lanes[WARPS][32];
    for (int i = threadIdx.x; i < WARPS * MAX_CELLS; i += THREADS)
        bins[i / MAX_CELLS][i % MAX_CELLS] = {0, 0};
    __syncthreads();
    return {bins, lanes};
}

// put_gradient writes the block's part of the gradient with respect to θ, times scale: of a value at a knot the sums of the
// cells beside it; of a slope, which moves all values beyond it, those of the knots there.
__device__ inline void put_gradient(Sums dtheta, const Knots& s, const Histogram& h, double scale) {
    __shared__ Bin cells[MAX_CELLS];
    __shared__ double dv[MAX_KNOTS];
    const int k = threadIdx.x;
    __syncthreads();
    if (k <= s.last) {
        Bin sum = h.bins[0][k];
        for (int warp = 1; warp < WARPS; warp++) {
            sum.g += h.bins[warp][k].g;
            sum.gt += h.bins[warp][k].gt;
        }
        cells[k] = {scale * sum.g, scale * sum.gt};
    }
    __syncthreads();
    if (k <= s.last + 1)
        dv[k] = (k > 0 ? cells[k - 1].gt : 0) + (k <= s.last ? cells[k].g - cells[k].gt : 0);
    __syncthreads();
    if (k > s.last + 1)
        return;
    if (!s.monotone)
        return put(dtheta, k, dv[k]);
    double sum = 0;
    if (k == 0) {
        for (int j = 0; j <= s.last + 1; j++)
            sum += dv[j];
        return put(dtheta, 0, sum);
    }
    const int cell = k - 1; // its slope is θ_k
    if (cell >= s.middle)
        for (int j = s.last + 1; j > cell; j--)
            sum += dv[j];
    else
        for (int j = 0; j <= cell; j++)
            sum -= dv[j];
    put(dtheta, k, sum * s.cells[cell].slope);
}

// every_lane calls f(i, inside) equally often in all lanes of a warp; i is an element where inside is true.
template <class F> __device__ inline void every_lane(long long n, F f) {
    for (long long first = (long long)blockIdx.x * THREADS; first < n; first += (long long)gridDim.x * THREADS)
        f(first + threadIdx.x, first + threadIdx.x < n);
}

// Spline, SplineGrad, SplineMSE: the same for the splines, numbered as Family in families.go. See spline.go.
extern "C" __global__ void Spline(Tensor dst, Tensor u, Tensor prepared, long long n, int family) {
    const Knots s = shared_knots(family, prepared);
    map(dst, u, n, [&](float v) {
        double t;
        const int k = s.find(v, &t);
        return (float)s.at(k, t);
    });
}

extern "C" __global__ void SplineGrad(Tensor du, Sums dtheta, Tensor dout, Tensor u, Tensor prepared, long long n,
                                      int family) {
    const Knots s = shared_knots(family, prepared);
    Histogram h = shared_histogram();
    float* const to = data(du);
    const float *const from = data(dout), *const x = data(u);
    every_lane(n, [&](long long i, bool inside) {
        double t = 0, g = 0;
        int k = MAX_CELLS;
        if (inside) {
            k = s.find(x[i], &t);
            g = from[i];
            to[i] = (float)(g * s.inverse * s.cells[k].rise);
        }
        h.add(k, g, t);
    });
    put_gradient(dtheta, s, h, 1);
}

extern "C" __global__ void SplineMSE(Tensor du, Sums loss, Sums dtheta, Tensor u, Tensor x, Tensor prepared, long long n,
                                     float scale, int family) {
    const Knots s = shared_knots(family, prepared);
    Histogram h = shared_histogram();
    float* const to = du.data ? data(du) : nullptr;
    const float *const from = data(u), *const target = data(x);
    const double slope = scale * s.inverse;
    double squares[1] = {0};
    every_lane(n, [&](long long i, bool inside) {
        double t = 0, e = 0;
        int k = MAX_CELLS;
        if (inside) {
            k = s.find(from[i], &t);
            e = s.at(k, t) - target[i];
            squares[0] += e * e;
            if (to)
                to[i] = (float)(slope * e * s.cells[k].rise);
        }
        if (to)
            h.add(k, e, t);
    });
    const double sum = block_sum(squares);
    if (threadIdx.x == 0)
        put(loss, 0, sum / n);
    if (to)
        put_gradient(dtheta, s, h, scale);
}
