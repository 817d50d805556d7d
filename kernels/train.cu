// Training steps of a small autoencoder, whole, by one block for each replica: the weights stay in shared memory, and no launch
// and no other block takes part.
//
//	z = x·Ŵᵀ    s = sign(z)    u = s·Aᵀ    loss = Σ(f(u) − x)²/(batch·d)    Ŵ is W with rows of norm 1, or W where it is fixed
//	du = scale·(f(u) − x)·f′(u)    dz = (du·A)·sign′(z)    dŴ = dzᵀ·x    dA = duᵀ·s
//
// and then the gradient of W, Adam, and the rows of W back to the sphere where that is wanted: the step of sample.cu,
// row_normalize.cu, sign.cu, denoise_mse.cu or mse_grad.cu, sign_grad.cu, finish.cu and adam.cu. f is the identity without a
// family.
//
// A batch passes in tiles of 32 rows. x, u, s and z of a tile are in shared memory. dŴ and dA are in registers: a thread has every
// 16th element of every 16th row. Products add up in float32 along the inner index, gradients over the rows of the batch; sums
// of a row over a thread's elements and then over the lanes, those of the loss and of θ over a thread's elements of a tile in
// float32, then over lanes, tiles and warps, in float64. The numbers are those of the other kernels up to the order of these
// sums.

#include "conclude.cuh"
#include "family.cuh"
#include "law.cuh"
#include "row.cuh"
#include "surrogate.cuh"
#include "update.cuh"

// Trained is a weight with its moments. m.data is null where it is fixed.
struct Trained {
    Tensor w, m, v;
};

// Shallow is a model and how it is trained. 264 bytes: cuda/layout.go has the same structure.
struct Shallow {
    Trained encoder, decoder, theta; // (n, d), (d, n), (params(family))
    Schedule schedule;
    int batch, d, n, law;
    int family, project; // family 0: no denoiser
    unsigned stream, coins;
    float scale, tau, beta1, beta2, epsilon;
    int reserved;
};
static_assert(sizeof(Shallow) == 264, "layout");

constexpr int TILE = 32, SIDE = 16; // rows of a tile; a block is SIDE·SIDE threads

// A matrix of up to 16·T columns has rows pitch(T) floats apart: an odd multiple of four, so that eight lanes which read four
// numbers of eight rows read all banks.
constexpr __host__ __device__ int pitch(int T) {
    return SIDE * T + 4;
}

// half_sum returns the sum over the 16 lanes that share a row, in all of them.
__device__ inline double half_sum(double x) {
    for (int distance = SIDE / 2; distance > 0; distance /= 2)
        x += __shfl_xor_sync(0xffffffff, x, distance);
    return x;
}

// Small is shared by the kernels of all sizes.
struct Small {
    float inv[8 * SIDE], along[8 * SIDE]; // 1/‖W_i‖, and ⟨Ŵ_i, dŴ_i⟩
    double sums[THREADS / 32][MAX_PARAMS + 1]; // of a warp: the gradient of θ, and behind it the loss
    Denoiser denoiser;
};

// Grid is one thread's elements of a matrix: row SIDE·i + ty, column SIDE·j + tx.
template <int T> struct Grid {
    static constexpr int P = pitch(T), HALF = (T + 1) / 2;
    float x[T][T];

    __device__ void clear() {
#pragma unroll
        for (int i = 0; i < T; i++)
#pragma unroll
            for (int j = 0; j < T; j++)
                x[i][j] = 0;
    }

    // add adds leftᵀ·right of a tile of height rows, for I of the T rows and J of the T columns; left and right have zeros behind
    // their columns.
    template <int I, int J> __device__ void add(const float* left, const float* right, int height) {
        left += threadIdx.x / SIDE;
        right += threadIdx.x % SIDE;
#pragma unroll 2
        for (int b = 0; b < height; b++) {
            float r[J];
#pragma unroll
            for (int j = 0; j < J; j++)
                r[j] = right[b * P + SIDE * j];
#pragma unroll
            for (int i = 0; i < I; i++) {
                const float l = left[b * P + SIDE * i];
#pragma unroll
                for (int j = 0; j < J; j++)
                    x[i][j] = fmaf(l, r[j], x[i][j]);
            }
        }
    }

    __device__ void add(const float* left, int rows, const float* right, int cols, int height) {
        const bool few_rows = rows <= SIDE * HALF, few_cols = cols <= SIDE * HALF;
        if (few_rows && few_cols)
            add<HALF, HALF>(left, right, height);
        else if (few_rows)
            add<HALF, T>(left, right, height);
        else if (few_cols)
            add<T, HALF>(left, right, height);
        else
            add<T, T>(left, right, height);
    }

    // each calls f(x, row, column) for the elements of a matrix; end(row) follows every row, in all threads alike.
    template <class F, class E> __device__ void each(int rows, int cols, F f, E end) {
        const int tx = threadIdx.x % SIDE, ty = threadIdx.x / SIDE;
#pragma unroll
        for (int i = 0; i < T; i++)
            if (SIDE * i < rows) {
                const int row = SIDE * i + ty;
#pragma unroll
                for (int j = 0; j < T; j++)
                    if (row < rows && SIDE * j + tx < cols)
                        f(x[i][j], row, SIDE * j + tx);
                end(row);
            }
    }
};

// Dots is one thread's products of a tile: row warp + 8·i, column lane + 32·j.
template <int T> struct Dots {
    static constexpr int P = pitch(T), MOST = (T + 1) / 2;
    float x[4][MOST];

    // rows is left·rightᵀ: rows of both are added up along the inner index. J of the columns are not beyond cols.
    template <int J> __device__ void rows(const float* left, const float* right, int inner, int cols) {
        const float* const l = left + threadIdx.x / 32 * P;
        const float* r[J];
#pragma unroll
        for (int j = 0; j < J; j++)
            r[j] = right + min((int)threadIdx.x % 32 + 32 * j, cols - 1) * P;
#pragma unroll 2
        for (int k = 0; k < inner; k += 4) {
            Pack<4> a[4];
#pragma unroll
            for (int i = 0; i < 4; i++)
                a[i] = load<4>(l + 8 * i * P + k);
#pragma unroll
            for (int j = 0; j < J; j++) {
                const Pack<4> b = load<4>(r[j] + k);
#pragma unroll
                for (int i = 0; i < 4; i++)
#pragma unroll
                    for (int q = 0; q < 4; q++)
                        x[i][j] = fmaf(a[i].x[q], b.x[q], x[i][j]);
            }
        }
    }

    // columns is left·right.
    template <int J> __device__ void columns(const float* left, const float* right, int inner, int cols) {
        const float* const l = left + threadIdx.x / 32 * P;
        const float* r[J];
#pragma unroll
        for (int j = 0; j < J; j++)
            r[j] = right + min((int)threadIdx.x % 32 + 32 * j, cols - 1);
#pragma unroll 2
        for (int k = 0; k < inner; k += 4) {
            Pack<4> a[4];
#pragma unroll
            for (int i = 0; i < 4; i++)
                a[i] = load<4>(l + 8 * i * P + k);
#pragma unroll
            for (int q = 0; q < 4; q++)
#pragma unroll
                for (int j = 0; j < J; j++) {
                    const float b = r[j][(k + q) * P];
#pragma unroll
                    for (int i = 0; i < 4; i++)
                        x[i][j] = fmaf(a[i].x[q], b, x[i][j]);
                }
        }
    }

    __device__ void rows(const float* left, const float* right, int inner, int cols) {
        clear();
        if (cols <= 32 * (MOST / 2))
            rows<MOST / 2>(left, right, inner, cols);
        else
            rows<MOST>(left, right, inner, cols);
    }

    __device__ void columns(const float* left, const float* right, int inner, int cols) {
        clear();
        if (cols <= 32 * (MOST / 2))
            columns<MOST / 2>(left, right, inner, cols);
        else
            columns<MOST>(left, right, inner, cols);
    }

    __device__ void clear() {
#pragma unroll
        for (int i = 0; i < 4; i++)
#pragma unroll
            for (int j = 0; j < MOST; j++)
                x[i][j] = 0;
    }

    // each calls f(x, row of the tile, column).
    template <class F> __device__ void each(int cols, F f) {
        const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
#pragma unroll
        for (int i = 0; i < 4; i++)
#pragma unroll
            for (int j = 0; j < MOST; j++)
                if (lane + 32 * j < cols)
                    f(x[i][j], warp + 8 * i, lane + 32 * j);
    }
};

// Block is a model in shared memory, for matrices of up to 16·T rows and columns.
template <int T> struct Block {
    const Shallow& p;
    Replica* const r;
    const Law law;
    Small& small;
    static constexpr int P = pitch(T);
    float *const w, *const a, *const x, *const u, *const s, *const z;
    Grid<T> dw, da;

    __device__ Block(const Shallow& p, Replica* r, const Law& law, Small& small, float* shared)
        : p(p), r(r), law(law), small(small), w(shared), a(w + p.n * P), x(a + (p.d + 3) / 4 * 4 * P), u(x + TILE * P), s(u + TILE * P),
          z(s + TILE * P) {}

    __device__ bool learns() const { return p.encoder.m.data; } // the encoder

    // fetch brings the weights into shared memory, and zeros around them.
    __device__ void fetch() {
        const int floats = (int)(z + TILE * P - w);
        for (int i = threadIdx.x; i < floats; i += THREADS)
            w[i] = 0;
        __syncthreads();
        for (int i = threadIdx.x; i < p.n * p.d; i += THREADS) {
            w[i / p.d * P + i % p.d] = data(p.encoder.w)[i];
            a[i / p.n * P + i % p.n] = data(p.decoder.w)[i];
        }
        __syncthreads();
        measure();
    }

    __device__ void write() {
        for (int i = threadIdx.x; i < p.n * p.d; i += THREADS) {
            if (learns())
                data(p.encoder.w)[i] = w[i / p.d * P + i % p.d];
            data(p.decoder.w)[i] = a[i / p.n * P + i % p.n];
        }
    }

    // measure sets the inverse norms of all rows.
    __device__ void measure() {
        double norm2 = 0;
        dw.each(
            p.n, p.d, [&](float&, int i, int k) { norm2 += (double)w[i * P + k] * w[i * P + k]; },
            [&](int i) {
                const double sum = half_sum(norm2);
                norm2 = 0;
                if (threadIdx.x % SIDE == 0 && i < p.n)
                    small.inv[i] = learns() ? inverse_norm(sum) : 1;
            });
    }

    // sample fills x with rows of the batch from the first on, and with zeros behind the last.
    template <int K> __device__ void sample(int first, unsigned long long step) {
        const int counters = TILE / 2 * p.d;
        for (int c = threadIdx.x; c < counters; c += THREADS) {
            float even, odd;
            draw<K>(philox((unsigned)(first / 2 * p.d + c), p.stream, step, r->seed), law, &even, &odd);
            const int e = c / 16 * 32 + c % 16;
            const int i = e / p.d, j = (e + 16) / p.d;
            x[i * P + e - i * p.d] = first + i < p.batch ? even : 0;
            x[j * P + e + 16 - j * p.d] = first + j < p.batch ? odd : 0;
        }
    }

    __device__ void sample(int first, unsigned long long step) {
        switch (p.law) {
#define ROW(K) \
        case K: return sample<K>(first, step);
            LAWS(ROW)
#undef ROW
        }
        __trap(); // no law
    }

    // encode writes the code to s and the derivative of its surrogate to z.
    __device__ void encode(int first, unsigned long long step) {
        Dots<T> dots;
        const Surrogate surrogate(p.tau);
        dots.rows(x, w, p.d, p.n);
        dots.each(p.n, [&](float v, int b, int i) {
            v *= small.inv[i];
            float code = v > 0 ? 1 : v < 0 ? -1 : v, derivative = surrogate.gradient(1, v);
            if (first + b >= p.batch)
                code = derivative = 0;
            else if (v == 0) {
                const long long at = (long long)(first + b) * p.n + i;
                code = coins(at, p.coins, step, r->seed) >> (at % 32) & 1 ? 1 : -1;
            }
            s[b * P + i] = code;
            z[b * P + i] = derivative;
        });
    }

    // decode writes the gradient with respect to the linear estimate to u.
    __device__ void decode(int first) {
        Dots<T> dots;
        dots.rows(s, a, p.n, p.d);
        float part = 0;
        dots.each(p.d, [&](float v, int b, int j) {
            const float e = first + b < p.batch ? v - x[b * P + j] : 0;
            part = fmaf(e, e, part);
            u[b * P + j] = p.family ? v : p.scale * e;
        });
        if (p.family)
            dispatch(p.family, [&](auto f) { denoise<decltype(f)::value>(first); });
        else
            tally(MAX_PARAMS, part);
    }

    // tally adds what the lanes of a warp have to a sum.
    __device__ void tally(int k, float part) {
        const double sum = warp_sum(part);
        if (threadIdx.x % 32 == 0)
            small.sums[threadIdx.x / 32][k] += sum;
    }

    // denoise turns this thread's estimates in u into gradients.
    template <int F> __device__ void denoise(int first) {
        constexpr int K = params(F);
        const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
        float part[K + 1] = {0};
#pragma unroll 1
        for (int b = warp; b < TILE && first + b < p.batch; b += 8)
#pragma unroll 1
            for (int j = lane; j < p.d; j += 32) {
                float& v = u[b * P + j];
                const Point q = at<F>(small.denoiser, v);
                const float e = q.value - x[b * P + j];
                for (int k = 0; k < K; k++)
                    part[k] = fmaf(e, q.partial[k], part[k]);
                part[K] = fmaf(e, e, part[K]);
                v = p.scale * e * q.slope;
            }
        for (int k = 0; k < K; k++)
            tally(k, part[k]);
        tally(MAX_PARAMS, part[K]);
        for (int b = warp; b < TILE; b += 8)
            if (first + b >= p.batch)
                for (int j = lane; j < p.d; j += 32)
                    u[b * P + j] = 0;
    }

    // back turns z into the gradient with respect to it.
    __device__ void back() {
        Dots<T> dots;
        dots.columns(u, a, p.d, p.n);
        dots.each(p.n, [&](float v, int b, int i) { z[b * P + i] *= v; });
    }

    // pass is the forward and backward pass of a tile.
    __device__ void pass(int first, unsigned long long step) {
        const int height = min(TILE, p.batch - first);
        sample(first, step);
        __syncthreads();
        encode(first, step);
        __syncthreads();
        decode(first);
        __syncthreads();
        da.add(u, p.d, s, p.n, height);
        if (learns()) {
            back();
            __syncthreads();
            dw.add(z, p.n, x, p.d, height);
        }
        __syncthreads();
    }

    // total is a sum over all warps.
    __device__ double total(int k) const {
        double sum = 0;
        for (int warp = 0; warp < THREADS / 32; warp++)
            sum += small.sums[warp][k];
        return sum;
    }

    // update_encoder moves W along its gradient, a row by 16 threads.
    __device__ void update_encoder(const AdamRule& rule) {
        float *const m = data(p.encoder.m), *const v = data(p.encoder.v);
        float along = 0;
        dw.each(
            p.n, p.d, [&](float& g, int i, int k) { along = fmaf(g, w[i * P + k], along); },
            [&](int i) {
                const double sum = half_sum(along);
                along = 0;
                if (threadIdx.x % SIDE == 0 && i < p.n)
                    small.along[i] = (float)sum * small.inv[i];
            });
        __syncwarp();
        dw.each(
            p.n, p.d,
            [&](float& g, int i, int k) {
                const float inv = small.inv[i];
                float& to = w[i * P + k];
                rule(to, m[i * p.d + k], v[i * p.d + k], inv * fmaf(-small.along[i], to * inv, g));
            },
            [](int) {});
    }

    __device__ void update_decoder(const AdamRule& rule) {
        float *const m = data(p.decoder.m), *const v = data(p.decoder.v);
        da.each(
            p.d, p.n, [&](float& g, int j, int i) { rule(a[j * P + i], m[j * p.n + i], v[j * p.n + i], g); }, [](int) {});
    }

    __device__ void update_theta(const AdamRule& rule) {
        const int k = threadIdx.x;
        if (p.family && k < params(p.family))
            rule(data(p.theta.w)[k], data(p.theta.m)[k], data(p.theta.v)[k], (float)(p.scale * small.denoiser.gain[k] * total(k)));
    }

    // project puts the rows of W back on the sphere.
    __device__ void project() {
        dw.each(
            p.n, p.d, [&](float&, int i, int k) { w[i * P + k] *= small.inv[i]; }, [](int) {});
        __syncwarp();
        measure();
    }

    // update is the end of a step. It reports whether the loss was finite.
    __device__ bool update(double* losses, int capacity) {
        if (threadIdx.x == 0)
            conclude(r, total(MAX_PARAMS) / ((double)p.batch * p.d), losses + r->step % capacity * gridDim.y + blockIdx.y, p.schedule);
        __syncthreads();
        if (r->failed != NOT_FAILED)
            return false;
        const AdamRule rule(*r, p.beta1, p.beta2, p.epsilon);
        update_decoder(rule);
        update_theta(rule);
        if (learns()) {
            update_encoder(rule);
            __syncwarp();
            measure();
            if (p.project) {
                __syncwarp();
                project();
            }
        }
        __syncthreads();
        return true;
    }

    __device__ bool step(double* losses, int capacity) {
        const unsigned long long number = r->step;
        if (p.family && threadIdx.x == 0)
            small.denoiser.prepare(p.family, data(p.theta.w));
        dw.clear();
        da.clear();
        if (threadIdx.x % 32 == 0)
            for (int k = 0; k <= MAX_PARAMS; k++)
                small.sums[threadIdx.x / 32][k] = 0;
        for (int first = 0; first < p.batch; first += TILE)
            pass(first, number);
        return update(losses, capacity);
    }
};

template <int T> __device__ inline void train(const Shallow& p, Replica* r, const Law& law, double* losses, int capacity, int steps) {
    __shared__ Small small;
    extern __shared__ __align__(16) float shared[]; // as much as the launch asks for
    if (r->failed != NOT_FAILED)
        return;
    Block<T> block(p, r, law, small, shared);
    block.fetch();
    __syncthreads();
    for (int k = 0; k < steps && block.step(losses, capacity); k++)
        ;
    block.write();
}

// Train64, Train112, Train128: steps of a model with d and n up to 64, 112 or 128. 256 threads, gridDim.x = 1, dynamic shared memory for W, A and
// four tiles: see sharedBytes of cuda/oneblock.go. A replica whose loss is not finite keeps its weights and stands still. Reads
// and writes the states of the replicas; writes the losses as Finish does.
extern "C" __global__ void __launch_bounds__(256, 2) Train64(Shallow p, Replica* replicas, const Law* laws, double* losses, int capacity,
                                                             int steps) {
    train<4>(p, replicas + blockIdx.y, laws[blockIdx.y], losses, capacity, steps);
}

extern "C" __global__ void __launch_bounds__(256, 1) Train112(Shallow p, Replica* replicas, const Law* laws, double* losses, int capacity,
                                                              int steps) {
    train<7>(p, replicas + blockIdx.y, laws[blockIdx.y], losses, capacity, steps);
}

extern "C" __global__ void __launch_bounds__(256, 1) Train128(Shallow p, Replica* replicas, const Law* laws, double* losses, int capacity,
                                                              int steps) {
    train<8>(p, replicas + blockIdx.y, laws[blockIdx.y], losses, capacity, steps);
}
