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
// A batch passes in tiles of as many rows as fit. x, u and s of a tile are in shared memory, s as bf16; dz takes the place of u, and
// sign′(z), dŴ and dA are in registers. The two products with s run on tensor cores: a warp computes a strip of 16 columns of u, and of
// as many rows of dA. Of each other product a thread computes a rectangle, so that it reads shared memory four numbers at a time and
// multiplies each of them several times.
//
// Products add up in float32 along the inner index, those with s after every 16 terms, gradients over the rows of the batch; sums of a
// row over its two halves in float64, that of a gradient over four neighbours in float32 before; those of the loss and of θ over a
// thread's elements of a tile in float32, then over lanes, tiles and warps, in float64. Adam divides and takes its root by hardware's
// approximations, within 2 ulp each, and sign′ is within 2⁻²¹ of its greatest value. But for that and the order of sums the numbers are
// those of the other kernels.

#include "conclude.cuh"
#include "family.cuh"
#include "law.cuh"
#include "row.cuh"
#include "surrogate.cuh"
#include "tensor.cuh"
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
    int tile; // rows of a tile
};
static_assert(sizeof(Shallow) == 264, "layout");

__host__ __device__ constexpr int up(int n, int to) { return (n + to - 1) / to * to; }

// Shape is how a block divides matrices of up to 4·QUARTER rows and columns, and tiles of up to ROWS·K rows: ROWS·COLS threads
// have I rows each of a gradient and K of a tile, and QUADS times four neighbouring columns. cuda/oneblock.go has the same table.
template <int ROWS_, int COLS_, int I_, int QUADS_, int K_> struct Shape {
    static constexpr int ROWS = ROWS_, COLS = COLS_, I = I_, QUADS = QUADS_, K = K_;
    static constexpr int C = 4 * QUADS, QUARTER = COLS * QUADS;
    // Half of a tile's rows are enough for a small batch, unless two such tiles are smaller than a gradient.
    static constexpr int HALF = 2 * ROWS * (K / 2) < 4 * QUARTER ? K : K / 2;
    // Rows of a matrix are PITCH floats apart: an odd multiple of four, so that eight lanes which read four numbers of eight rows
    // read all banks.
    static constexpr int PITCH = 4 * (QUARTER | 1);
    static_assert(ROWS * COLS <= THREADS && ROWS * I == 4 * QUARTER && I % 2 == 0, "a block covers a matrix");

    // A product with the code has strips of 16 rows. A strip is of one warp, or has SHARES warps.
    static constexpr int STRIPS = up(4 * QUARTER, 16) / 16, SHARES = THREADS / 32 / STRIPS;
    static_assert(SHARES > 0, "a strip has a warp");
    // A row of the code has CODES bf16: columns of whole fragments, and an odd multiple of eight.
    static constexpr int CODES = 16 * STRIPS + 8;

    // A gradient takes the place of x and u. It may reach into the code, unless that has rows or columns that must stay zero.
    static_assert(2 * ROWS * HALF >= 4 * QUARTER || ROWS * HALF % 16 == 0 && 4 * QUARTER % 16 == 0, "zeros behind the code");

    // tiles is the number of times eight columns of such a product that a warp has.
    static __host__ __device__ constexpr int tiles(int columns) { return up(columns, 8) / 8 / SHARES; }
};

// Small is shared by the kernels of all shapes.
struct Small {
    float inv[THREADS / 2], along[THREADS / 2]; // 1/‖W_i‖, and ⟨Ŵ_i, dŴ_i⟩/‖W_i‖
    double halves[THREADS]; // of the sums of rows
    double sums[THREADS / 32][MAX_PARAMS + 1]; // of a warp: the gradient of θ, and behind it the loss
    Denoiser denoiser;
};

// Division divides numbers below 2¹⁵ by one from 1 to 2⁷.
struct Division {
    unsigned by, inverse;

    __device__ explicit Division(int by) : by(by), inverse((0x80000000 + by - 1) / by) {}

    __device__ int operator()(int x) const { return __umulhi(2 * x, inverse); }
};

// adam is AdamRule with hardware's root and reciprocal.
__device__ inline void adam(const AdamRule& rule, float& w, float& m, float& v, float g) {
    m = fmaf(rule.beta1, m, (1 - rule.beta1) * g);
    v = fmaf(rule.beta2, v, (1 - rule.beta2) * g * g);
    w -= ratio(rule.rate * m, root(v * rule.correct2) + rule.epsilon);
}

// Block is a model in shared memory. The row 4·k + q of a weight is there as row k + QUARTER·q: so threads with neighbouring
// columns of a product read neighbouring rows.
template <class S> struct Block {
    static constexpr int P = S::PITCH, C = S::C, SIDE = 4 * S::QUARTER, CODES = S::CODES;
    static constexpr int TILES = S::tiles(SIDE); // of a gradient with the code
    const Shallow& p;
    Replica* const r;
    const Law law;
    Small& small;
    const bool active; // false: this thread has no part of a product
    const int ty, tx;
    const Division by_d, by_n;
    const int strip, share; // of the warp: strip < STRIPS where it has a part of a product with the code
    float *const w, *const a, *const x, *const u;
    unsigned short* const s; // bf16
    float dw[S::I][C]; // rows: see row
    float da[TILES][4]; // a strip of rows: see multiply

    __device__ Block(const Shallow& p, Replica* r, const Law& law, Small& small, float* shared)
        : p(p), r(r), law(law), small(small), active(threadIdx.x < S::ROWS * S::COLS), ty(min((int)threadIdx.x / S::COLS, S::ROWS - 1)),
          tx(threadIdx.x % S::COLS), by_d(p.d), by_n(p.n), strip(threadIdx.x / 32 / S::SHARES), share(threadIdx.x / 32 % S::SHARES),
          w(shared), a(w + SIDE * P), x(a + SIDE * P), u(x + buffer() * P), s(reinterpret_cast<unsigned short*>(u + buffer() * P)) {}

    static __device__ int place(int row) { return (row / 4 + row % 4 * S::QUARTER) * P; }

    __device__ bool learns() const { return p.encoder.m.data; } // the encoder

    // few tells whether half of a tile's rows are enough, and buffer is the number of rows that a tile's matrices have. The code has
    // rows of whole fragments.
    __device__ bool few() const { return p.tile <= S::ROWS * S::HALF; }
    __device__ int buffer() const { return S::ROWS * (few() ? S::HALF : S::K); }

    // row is the gradient's i-th row of this thread: four neighbours, four further ones, and so on, two at the end.
    __device__ int row(int i) const {
        constexpr int FOURS = S::I / 4 * 4;
        return i < FOURS ? i / 4 * 4 * S::ROWS + 4 * ty + i % 4 : FOURS * S::ROWS + 2 * ty + i - FOURS;
    }

    // column is this thread's first one of the j-th four.
    __device__ int column(int j) const { return 4 * (tx + S::COLS * j); }

    // fetch brings the weights into shared memory, and zeros around them.
    __device__ void fetch() {
        const int floats = (int)(reinterpret_cast<float*>(s) - w) + up(buffer(), 16) * CODES / 2;
        for (int i = threadIdx.x; i < floats; i += THREADS)
            w[i] = 0;
        __syncthreads();
        for (int i = threadIdx.x; i < p.n * p.d; i += THREADS) {
            const int k = by_d(i), j = by_n(i);
            w[place(k) + i - k * p.d] = data(p.encoder.w)[i];
            a[place(j) + i - j * p.n] = data(p.decoder.w)[i];
        }
        __syncthreads();
        measure();
    }

    __device__ void write() {
        for (int i = threadIdx.x; i < p.n * p.d; i += THREADS) {
            const int k = by_d(i), j = by_n(i);
            if (learns())
                data(p.encoder.w)[i] = w[place(k) + i - k * p.d];
            data(p.decoder.w)[i] = a[place(j) + i - j * p.n];
        }
    }

    // row_sums calls end(i, Σ term(k)) for the rows i of W, after all threads have met, where term(k) is that of four numbers of
    // the row. Two threads share a row, which is W's i-th.
    template <class T, class F> __device__ void row_sums(T term, F end) {
        const int i = row_of_thread(), half = threadIdx.x / (THREADS / 2), middle = (p.d / 2 + 3) / 4 * 4;
        double sum = 0;
        if (i < p.n) {
            const int last = half ? p.d : middle;
#pragma unroll 4
            for (int k = half ? middle : 0; k < last; k += 4)
                sum += term(k);
        }
        small.halves[threadIdx.x] = sum;
        __syncthreads();
        if (i < p.n && half == 0)
            end(i, sum + small.halves[threadIdx.x + THREADS / 2]);
        __syncthreads();
    }

    static __device__ int row_of_thread() { return threadIdx.x % (THREADS / 2); }

    // square is the sum of the squares, which may be beyond float32.
    static __device__ double square(const Pack<4>& v) {
        double sum = 0;
#pragma unroll
        for (int q = 0; q < 4; q++)
            sum = fma((double)v.x[q], (double)v.x[q], sum);
        return sum;
    }

    // measure sets the inverse norms of all rows.
    __device__ void measure() {
        const float* const row = w + place(row_of_thread());
        row_sums([&](int k) { return square(load<4>(row + k)); },
                 [&](int i, double sum) { small.inv[i] = learns() ? inverse_norm(sum) : 1; });
    }

    // project puts the rows of W back on the sphere, and measures them again, as the next launch will.
    __device__ void project() {
        float* const row = w + place(row_of_thread());
        const float inv = row_of_thread() < p.n ? small.inv[row_of_thread()] : 0;
        const auto scale = [&](int k) {
            const Pack<4> v = scaled(load<4>(row + k), inv);
            store(row + k, v);
            return square(v);
        };
        row_sums(scale, [&](int i, double sum) { small.inv[i] = inverse_norm(sum); });
    }

    // sample fills x with rows of the batch from the first on.
    template <int K> __device__ void sample(int first, int height, unsigned long long step) {
        const int begin = first * p.d, end = begin + height * p.d;
#pragma unroll 2
        for (int c = begin / 32 * 16 + threadIdx.x; c < (end + 31) / 32 * 16; c += THREADS) {
            float even, odd;
            draw<K>(philox((unsigned)c, p.stream, step, r->seed), law, &even, &odd);
            const int e = c / 16 * 32 + c % 16 - begin, i = by_d(max(e, 0)), j = by_d(e + 16);
            if (e >= 0 && i < height)
                x[i * P + e - i * p.d] = even;
            if (e + 16 >= 0 && j < height)
                x[j * P + e + 16 - j * p.d] = odd;
        }
    }

    __device__ void sample(int first, int height, unsigned long long step) {
        switch (p.law) {
#define ROW(K) \
        case K: return sample<K>(first, height, step);
            LAWS(ROW)
#undef ROW
        }
        __trap(); // no law
    }

    // rows is left·rightᵀ of a tile, rows ty + ROWS·k: rows of both are added up along the inner index. right is a weight.
    template <int K> __device__ void rows(float (&z)[K][C], const float* left, const float* right, int inner) {
        clear(z);
        left += ty * P;
        right += tx * P;
#pragma unroll 1
        for (int k = 0; k < inner; k += 4) {
            Pack<4> b[C];
#pragma unroll
            for (int c = 0; c < C; c++)
                b[c] = load<4>(right + (c / 4 * S::COLS + c % 4 * S::QUARTER) * P + k);
#pragma unroll
            for (int i = 0; i < K; i++) {
                const Pack<4> l = load<4>(left + S::ROWS * i * P + k);
#pragma unroll
                for (int q = 0; q < 4; q++)
#pragma unroll
                    for (int c = 0; c < C; c++)
                        z[i][c] = fmaf(l.x[q], b[c].x[q], z[i][c]);
            }
        }
    }

    // columns is left·right.
    template <int K> __device__ void columns(float (&z)[K][C], const float* left, const float* right, int inner) {
        clear(z);
        left += ty * P;
        right += 4 * tx;
#pragma unroll 1
        for (int k = 0; k < inner; k += 4) {
            Pack<4> b[4][S::QUADS];
#pragma unroll
            for (int q = 0; q < 4; q++)
#pragma unroll
                for (int j = 0; j < S::QUADS; j++)
                    b[q][j] = load<4>(right + (k / 4 + q * S::QUARTER) * P + 4 * S::COLS * j);
#pragma unroll
            for (int i = 0; i < K; i++) {
                const Pack<4> l = load<4>(left + S::ROWS * i * P + k);
#pragma unroll
                for (int q = 0; q < 4; q++)
#pragma unroll
                    for (int c = 0; c < C; c++)
                        z[i][c] = fmaf(l.x[q], b[q][c / 4].x[c % 4], z[i][c]);
            }
        }
    }

    // add adds leftᵀ·right of a tile of height rows to a gradient.
    __device__ void add(float (&g)[S::I][C], const float* left, const float* right, int height) {
        right += 4 * tx;
#pragma unroll 4
        for (int b = 0; b < height; b++) {
            float l[S::I];
#pragma unroll
            for (int i = 0; i < S::I / 4; i++) {
                const Pack<4> four = load<4>(left + b * P + row(4 * i));
#pragma unroll
                for (int q = 0; q < 4; q++)
                    l[4 * i + q] = four.x[q];
            }
            if constexpr (S::I % 4) {
                const float2 two = *reinterpret_cast<const float2*>(left + b * P + row(S::I - 2));
                l[S::I - 2] = two.x, l[S::I - 1] = two.y;
            }
#pragma unroll
            for (int j = 0; j < S::QUADS; j++) {
                const Pack<4> f = load<4>(right + b * P + 4 * S::COLS * j);
#pragma unroll
                for (int i = 0; i < S::I; i++)
#pragma unroll
                    for (int q = 0; q < 4; q++)
                        g[i][4 * j + q] = fmaf(l[i], f.x[q], g[i][4 * j + q]);
            }
        }
    }

    template <int K> static __device__ void clear(float (&z)[K][C]) {
#pragma unroll
        for (int i = 0; i < K; i++)
#pragma unroll
            for (int c = 0; c < C; c++)
                z[i][c] = 0;
    }

    // put writes a product of a tile.
    template <int K> __device__ void put(float* to, const float (&z)[K][C]) {
        if (active)
#pragma unroll
            for (int i = 0; i < K; i++)
#pragma unroll
                for (int j = 0; j < S::QUADS; j++)
                    store(to + (ty + S::ROWS * i) * P + column(j), Pack<4>{z[i][4 * j], z[i][4 * j + 1], z[i][4 * j + 2], z[i][4 * j + 3]});
    }

    // encode writes the code to s and leaves the derivative of its surrogate in z.
    template <int K> __device__ void encode(float (&z)[K][C], int first, int height, unsigned long long step) {
        rows(z, x, w, p.d);
        const Surrogate surrogate(p.tau);
        float code[K][C];
        bool tie = false;
#pragma unroll
        for (int c = 0; c < C; c++) {
            const int i = column(c / 4) + c % 4;
            const float inv = i < p.n ? small.inv[i] : 0;
#pragma unroll
            for (int k = 0; k < K; k++) {
                const float v = z[k][c] * inv;
                code[k][c] = v > 0 ? 1 : v < 0 ? -1 : v;
                z[k][c] = surrogate.near(v);
                tie |= v == 0;
            }
        }
        put(code, height);
        if (tie && active)
            toss<K>(first, height, step);
    }

    // put writes the code of a tile, and zeros behind its last row: tensor cores multiply whole fragments.
    template <int K> __device__ void put(const float (&code)[K][C], int height) {
        if (active)
#pragma unroll
            for (int i = 0; i < K; i++)
#pragma unroll
                for (int j = 0; j < S::QUADS; j++) {
                    const float* const four = code[i] + 4 * j;
                    const int b = ty + S::ROWS * i;
                    *reinterpret_cast<uint2*>(s + b * CODES + column(j)) =
                        b < height ? make_uint2(upper_halves(four[0], four[1]), upper_halves(four[2], four[3])) : make_uint2(0, 0);
                }
    }

    // toss gives the zeros among this thread's codes a sign. It is for rare cases, and short.
    template <int K> __device__ void toss(int first, int height, unsigned long long step) {
#pragma unroll 1
        for (int e = 0; e < K * C; e += 2) {
            const int b = ty + e / C * S::ROWS, i = column(e % C / 4) + e % 4;
            unsigned* const two = reinterpret_cast<unsigned*>(s + b * CODES + i);
#pragma unroll 1
            for (int k = 0; k < 2; k++)
                if (b < height && i + k < p.n && (*two >> 16 * k & 0x7fff) == 0) {
                    const long long at = (long long)(first + b) * p.n + i + k;
                    const float sign = coins(at, p.coins, step, r->seed) >> (at % 32) & 1 ? 1 : -1;
                    *two = k ? upper_halves(__uint_as_float(*two << 16), sign) : upper_halves(sign, __uint_as_float(*two));
                }
        }
    }

    // multiply adds a strip's left·code to sum, where left(k) is a fragment from the inner index k on. Sums are of 16 rows and N times
    // eight columns: see strip_row. The inner index is a column of the code or, where it is ACROSS, a row.
    template <bool ACROSS, int N, class F> __device__ void multiply(float (&sum)[N][4], int inner, F left) {
        if (!strips())
            return;
        constexpr int RIGHT = ACROSS ? 1 : CODES, DOWN = ACROSS ? CODES : 1;
        const unsigned short* from = s + 8 * share * N * RIGHT;
#pragma unroll 1
        for (int k = 0; k < inner; k += 16)
            add_product(sum, left(k), [&](int j) {
                CodeFragment codes;
                codes.read<ACROSS>(from + 8 * j * RIGHT + k * DOWN, CODES);
                return codes;
            });
    }

    // strips tells whether this warp has a strip, of rows up to d.
    __device__ bool strips() const { return strip < S::STRIPS && 16 * strip < p.d; }

    // strip_row is the row of a strip that a sum's q-th number belongs to, and strip_column its column in the j-th of N.
    __device__ int strip_row(int q) const { return 16 * strip + threadIdx.x % 32 / 4 + q / 2 * 8; }
    template <int N> __device__ int strip_column(int j, int q) const { return 8 * (share * N + j) + threadIdx.x % 4 * 2 + q % 2; }

    // estimate writes the linear estimate of a tile to u.
    template <int K> __device__ void estimate() {
        constexpr int N = S::tiles(S::ROWS * K);
        float sum[N][4] = {};
        const int t = threadIdx.x % 4;
        // Rows behind the last one are computed from it, and not written. Columns behind the last one meet zeros of the code.
        const float* const low = a + place(min(strip_row(0), SIDE - 1)) + 2 * t;
        const float* const high = a + place(min(strip_row(2), SIDE - 1)) + 2 * t;
        multiply<false>(sum, p.n, [&](int k) {
            LeftFragment left;
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const float2 two = *reinterpret_cast<const float2*>((i % 2 ? high : low) + k + i / 2 * 8);
                left.set(i, two.x, two.y);
            }
            return left;
        });
        if (strips())
#pragma unroll
            for (int j = 0; j < N; j++)
#pragma unroll
                for (int q = 0; q < 4; q++)
                    if (strip_row(q) < SIDE && strip_column<N>(j, q) < S::ROWS * K)
                        u[strip_column<N>(j, q) * P + strip_row(q)] = sum[j][q];
    }

    // credit adds duᵀ·s of a tile to the gradient of A. Rows of u behind the last one meet zeros of the code.
    __device__ void credit(int height) {
        const float* const from = u + threadIdx.x % 4 * 2 * P + strip_row(0);
        multiply<true>(da, height, [&](int b) {
            LeftFragment left;
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const float* const first = from + (b + i / 2 * 8) * P + i % 2 * 8;
                left.set(i, first[0], first[P]);
            }
            return left;
        });
    }

    // decode writes the gradient with respect to the linear estimate to u.
    template <int K> __device__ void decode(int height) {
        estimate<K>();
        __syncthreads();
        if (p.family)
            return dispatch(p.family, [&](auto f) { denoise<decltype(f)::value>(height); });
        float part = 0;
        each_estimate(height, [&](float v, float want) {
            const float e = v - want;
            part = fmaf(e, e, part);
            return p.scale * e;
        });
        tally(MAX_PARAMS, part);
    }

    // each_estimate replaces this thread's estimates v in u by gradient(v, x). Behind the last column v is 0, and so is x here: a denoiser
    // is odd, and what it adds to sums is 0.
    template <class F> __device__ void each_estimate(int height, F gradient) {
        if (active)
#pragma unroll 1
            for (int b = ty; b < height; b += S::ROWS)
#pragma unroll 1
                for (int j = column(0); j < p.d; j += 4 * S::COLS) {
                    Pack<4> v = load<4>(u + b * P + j);
                    const Pack<4> want = load<4>(x + b * P + j);
#pragma unroll
                    for (int q = 0; q < 4; q++)
                        v.x[q] = gradient(v.x[q], j + q < p.d ? want.x[q] : 0);
                    store(u + b * P + j, v);
                }
    }

    // tally adds what the lanes of a warp have to a sum.
    __device__ void tally(int k, float part) {
        const double sum = warp_sum(part);
        if (threadIdx.x % 32 == 0)
            small.sums[threadIdx.x / 32][k] += sum;
    }

    // denoise turns this thread's estimates into gradients.
    template <int F> __device__ void denoise(int height) {
        constexpr int K = params(F);
        float part[K + 1] = {0};
        each_estimate(height, [&](float v, float want) {
            const Point f = at<F>(small.denoiser, v);
            const float e = f.value - want;
            for (int k = 0; k < K; k++)
                part[k] = fmaf(e, f.partial[k], part[k]);
            part[K] = fmaf(e, e, part[K]);
            return p.scale * e * f.slope;
        });
        for (int k = 0; k < K; k++)
            tally(k, part[k]);
        tally(MAX_PARAMS, part[K]);
    }

    // pass is the forward and backward pass of a tile.
    template <int K> __device__ void pass(int first, int height, unsigned long long step) {
        float z[K][C], ds[K][C];
        sample(first, height, step);
        __syncthreads();
        encode(z, first, height, step);
        __syncthreads();
        decode<K>(height);
        __syncthreads();
        credit(height);
        if (learns()) {
            columns(ds, u, a, p.d);
#pragma unroll
            for (int i = 0; i < K; i++)
#pragma unroll
                for (int c = 0; c < C; c++)
                    ds[i][c] *= z[i][c];
            __syncthreads();
            put(u, ds);
            __syncthreads();
            add(dw, u, x, height);
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

    // show writes a gradient to the place of the tile, row by row.
    __device__ void show(const float (&g)[S::I][C]) {
        if (active)
#pragma unroll
            for (int i = 0; i < S::I; i++)
#pragma unroll
                for (int j = 0; j < S::QUADS; j++)
                    store(x + row(i) * P + column(j), Pack<4>{g[i][4 * j], g[i][4 * j + 1], g[i][4 * j + 2], g[i][4 * j + 3]});
    }

    // show_strip is show of strips.
    __device__ void show_strip(const float (&g)[TILES][4]) {
        if (strips())
#pragma unroll
            for (int j = 0; j < TILES; j++)
#pragma unroll
                for (int q = 0; q < 4; q += 2)
                    if (const int i = strip_column<TILES>(j, 0); strip_row(q) < SIDE && i < SIDE)
                        *reinterpret_cast<float2*>(x + strip_row(q) * P + i) = make_float2(g[j][q], g[j][q + 1]);
    }

    // move moves a weight of rows of so many columns along gradient(g, w, row), where g is what show wrote.
    template <class F> __device__ void move(float* to, const Trained& t, int rows, const Division& by, const AdamRule& rule, F gradient) {
        const int cols = by.by;
        float *const m = data(t.m), *const v = data(t.v);
        const auto part = [&](int e, auto width) {
            constexpr int W = decltype(width)::value;
            const int i = by(e), k = e - i * cols;
            const Pack<W> g = load<W>(x + i * P + k);
            Pack<W> pw = load<W>(to + place(i) + k), pm = load<W>(m + e), pv = load<W>(v + e);
#pragma unroll
            for (int q = 0; q < W; q++)
                adam(rule, pw.x[q], pm.x[q], pv.x[q], gradient(g.x[q], pw.x[q], i));
            store(m + e, pm);
            store(v + e, pv);
            store(to + place(i) + k, pw);
        };
        if (cols % 4 == 0) {
#pragma unroll 2
            for (int e = 4 * threadIdx.x; e < rows * cols; e += 4 * THREADS)
                part(e, Width<4>());
        } else
            for (int e = threadIdx.x; e < rows * cols; e += THREADS)
                part(e, Width<1>());
        __syncthreads();
    }

    __device__ void update_theta(const AdamRule& rule) {
        const int k = threadIdx.x;
        if (p.family && k < params(p.family))
            rule(data(p.theta.w)[k], data(p.theta.m)[k], data(p.theta.v)[k], (float)(p.scale * small.denoiser.gain[k] * total(k)));
    }

    // update_encoder moves W along its gradient.
    __device__ void update_encoder(const AdamRule& rule) {
        show(dw);
        __syncthreads();
        const float *const g = x + row_of_thread() * P, *const v = w + place(row_of_thread());
        row_sums([&](int k) { return dot(load<4>(g + k), load<4>(v + k)); },
                 [&](int i, double sum) { small.along[i] = (float)sum * small.inv[i]; });
        move(w, p.encoder, p.n, by_d, rule, [&](float g, float v, int i) {
            const float inv = small.inv[i];
            return inv * fmaf(-small.along[i], v * inv, g);
        });
        measure();
        if (p.project)
            project();
    }

    // update is the end of a step. It reports whether the loss was finite.
    __device__ bool update(double* losses, int capacity) {
        if (threadIdx.x == 0)
            conclude(r, total(MAX_PARAMS) / ((double)p.batch * p.d), losses + r->step % capacity * gridDim.y + blockIdx.y, p.schedule);
        show_strip(da);
        __syncthreads();
        if (r->failed != NOT_FAILED)
            return false;
        const AdamRule rule(*r, p.beta1, p.beta2, p.epsilon);
        update_theta(rule);
        move(a, p.decoder, p.d, by_n, rule, [](float g, float, int) { return g; });
        if (learns())
            update_encoder(rule);
        return true;
    }

    template <int K> __device__ void passes(unsigned long long step) {
        for (int first = 0; first < p.batch; first += p.tile)
            pass<K>(first, min(p.tile, p.batch - first), step);
    }

    __device__ bool step(double* losses, int capacity) {
        const unsigned long long number = r->step;
        if (p.family && threadIdx.x == 0)
            small.denoiser.prepare(p.family, data(p.theta.w));
        clear(dw);
#pragma unroll
        for (int j = 0; j < TILES; j++)
#pragma unroll
            for (int q = 0; q < 4; q++)
                da[j][q] = 0;
        if (threadIdx.x % 32 == 0)
            for (int k = 0; k <= MAX_PARAMS; k++)
                small.sums[threadIdx.x / 32][k] = 0;
        if (few())
            passes<S::HALF>(number);
        else
            passes<S::K>(number);
        return update(losses, capacity);
    }
};

template <class S> __device__ inline void train(const Shallow& p, Replica* r, const Law& law, double* losses, int capacity, int steps) {
    __shared__ Small small;
    extern __shared__ __align__(16) float shared[]; // as much as the launch asks for
    if (r->failed != NOT_FAILED)
        return;
    Block<S> block(p, r, law, small, shared);
    block.fetch();
    for (int k = 0; k < steps && block.step(losses, capacity); k++)
        ;
    block.write();
}

// Train64, Train100, Train128: steps of a model with d and n up to 64, 100 or 128. 256 threads, gridDim.x = 1, dynamic shared memory
// for two weights and three tiles: see sharedBytes of cuda/oneblock.go. A replica whose loss is not finite keeps its weights and
// stands still. Reads and writes the states of the replicas; writes the losses as Finish does.
extern "C" __global__ void __launch_bounds__(256, 2) Train64(Shallow p, Replica* replicas, const Law* laws, double* losses, int capacity,
                                                             int steps) {
    train<Shape<16, 16, 4, 1, 4>>(p, replicas + blockIdx.y, laws[blockIdx.y], losses, capacity, steps);
}

extern "C" __global__ void __launch_bounds__(256, 1) Train100(Shallow p, Replica* replicas, const Law* laws, double* losses, int capacity,
                                                              int steps) {
    train<Shape<10, 25, 10, 1, 10>>(p, replicas + blockIdx.y, laws[blockIdx.y], losses, capacity, steps);
}

extern "C" __global__ void __launch_bounds__(256, 1) Train128(Shallow p, Replica* replicas, const Law* laws, double* losses, int capacity,
                                                              int steps) {
    train<Shape<16, 16, 8, 2, 3>>(p, replicas + blockIdx.y, laws[blockIdx.y], losses, capacity, steps);
}
