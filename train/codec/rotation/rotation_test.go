package rotation_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
	"autoamp/train/codec/rotation"
)

// shapes are powers of two and others, with fewer rows than columns, as many, more, and many more.
var shapes = [][2]int{{1, 1}, {3, 1}, {1, 5}, {2, 2}, {64, 64}, {32, 64}, {96, 64}, {7, 13}, {13, 13}, {20, 13}, {50, 100}, {100, 100}, {150, 100}, {33, 784}, {300, 21}}

func draw(t *testing.T, s rotation.Spec) *rotation.Rotation {
	t.Helper()
	r, err := rotation.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// each runs a test for both kinds and all shapes.
func each(t *testing.T, f func(t *testing.T, r *rotation.Rotation)) {
	t.Helper()
	t.Parallel()
	for _, kind := range []rotation.Kind{rotation.Haar, rotation.Hadamard} {
		for _, s := range shapes {
			t.Run(fmt.Sprintf("%v/%dx%d", kind, s[0], s[1]), func(t *testing.T) {
				f(t, draw(t, rotation.Spec{Kind: kind, Bits: s[0], Dim: s[1], Seed: 5}))
			})
		}
	}
}

// dense is B as a matrix, by its product with unit vectors.
func dense(r *rotation.Rotation) *mat.Dense {
	n, d := r.Dims()
	b, column, unit := mat.NewDense(n, d, nil), make([]float64, n), make([]float64, d)
	for j := range d {
		clear(unit)
		unit[j] = 1
		r.Apply(column, unit)
		b.SetCol(j, column)
	}
	return b
}

// Rows are orthonormal, or columns orthogonal of squared norm r: to float64's rounding, a Haar matrix to float32's of its entries.
func TestOrthonormal(t *testing.T) {
	each(t, func(t *testing.T, r *rotation.Rotation) {
		n, d := r.Dims()
		b, limit := dense(r), 1e-13
		if r.Spec().Kind == rotation.Haar {
			limit = 1e-6
		}
		var gram mat.Dense
		gram.Mul(b, b.T())
		want := 1.0
		if n > d {
			gram.Reset()
			gram.Mul(b.T(), b)
			want = float64(n) / float64(d)
		}
		size, _ := gram.Dims()
		for i := range size {
			gram.Set(i, i, gram.At(i, i)-want)
		}
		if worst := mat.Norm(&gram, 2); worst > limit*want*math.Sqrt(float64(size)) {
			t.Errorf("the Gram matrix is off by %g", worst)
		}
		if _, err := amp.NewFlat(r); err != nil && r.Spec().Kind == rotation.Hadamard {
			t.Error(err)
		}
	})
}

// The transposed product is the transpose of the product, and the float32 products agree with both, row by row.
func TestProductsAgree(t *testing.T) {
	each(t, func(t *testing.T, r *rotation.Rotation) {
		n, d := r.Dims()
		b, random := dense(r), rand.New(rand.NewPCG(1, 2))
		const rows = 3
		x, z := make([]float32, rows*d), make([]float32, rows*n)
		for i := range x {
			x[i] = float32(random.NormFloat64())
		}
		for i := range z {
			z[i] = float32(random.NormFloat64())
		}
		forward, back := make([]float32, rows*n), make([]float32, rows*d)
		r.NewWorker().Forward(forward, x)
		r.NewWorker().Back(back, z)
		code, data := make([]float64, n), make([]float64, d)
		for i := range rows {
			want := mat.NewVecDense(n, nil)
			want.MulVec(b, vector(x[i*d:][:d]))
			r.Apply(code, vector(x[i*d:][:d]).RawVector().Data)
			compare(t, "B·x", code, want, 1e-13)
			compare(t, "B·x in float32", widen(forward[i*n:][:n]), want, 1e-6)
			want = mat.NewVecDense(d, nil)
			want.MulVec(b.T(), vector(z[i*n:][:n]))
			r.ApplyTransposed(data, vector(z[i*n:][:n]).RawVector().Data)
			compare(t, "Bᵀ·z", data, want, 1e-13)
			compare(t, "Bᵀ·z in float32", widen(back[i*d:][:d]), want, 1e-5) // the sum may cancel
		}
	})
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func vector(x []float32) *mat.VecDense { return mat.NewVecDense(len(x), widen(x)) }

func compare(t *testing.T, what string, got []float64, want *mat.VecDense, limit float64) {
	t.Helper()
	var e, size float64
	for i, v := range got {
		e += (v - want.AtVec(i)) * (v - want.AtVec(i))
		size += want.AtVec(i) * want.AtVec(i)
	}
	if !(math.Sqrt(e) <= limit*math.Sqrt(size)) {
		t.Errorf("%s is off by %g of %g", what, math.Sqrt(e), math.Sqrt(size))
	}
}

// A seed gives the same rotation twice, another seed another one.
func TestSeed(t *testing.T) {
	each(t, func(t *testing.T, r *rotation.Rotation) {
		n, d := r.Dims()
		again, spec := draw(t, r.Spec()), r.Spec()
		if !mat.Equal(dense(r), dense(again)) {
			t.Error("the same seed gave two rotations")
		}
		spec.Seed += 1 << 33
		if n*d > 6 && mat.Equal(dense(r), dense(draw(t, spec))) {
			t.Error("two seeds gave the same rotation")
		}
	})
}

// The code of a row behind a fast rotation is as a Haar encoder's: u = Bᵀsign(Bx) is μx plus noise of the theory's variance,
// per coordinate, for dense rows and for rows of few numbers that are not zero.
func TestHadamardIsLikeHaar(t *testing.T) {
	t.Parallel()
	for _, shape := range [][2]int{{256, 512}, {512, 512}, {768, 512}, {784, 784}, {500, 1000}} {
		for _, p := range []float64{1, 0.03} {
			t.Run(fmt.Sprintf("%dx%d/p=%g", shape[0], shape[1], p), func(t *testing.T) {
				t.Parallel()
				const rows = 400
				r := draw(t, rotation.Spec{Kind: rotation.Hadamard, Bits: shape[0], Dim: shape[1], Seed: 1})
				gain, noise := channel(r, amp.SparseRademacher{P: p}, rows)
				mu, sigma2 := amp.HaarChannel(r.Rate())
				// The gain of a row has a variance below 2r/d (amp/finitedim.go) and a mean μ(1 + 1/(4d)); five standard errors.
				d := float64(shape[1])
				if limit := mu/d + 5*math.Sqrt(2*r.Rate()/d/rows); math.Abs(gain-mu) > limit {
					t.Errorf("gain %.5f, want %.5f ± %.5f", gain, mu, limit)
				}
				if limit := 0.01 * sigma2; math.Abs(noise-sigma2) > limit {
					t.Errorf("noise %.5f, want %.5f ± %.5f", noise, sigma2, limit)
				}
			})
		}
	}
}

// channel returns the mean of ⟨u, x⟩/d and the variance of u − gain·x over rows of unit energy.
func channel(r *rotation.Rotation, law amp.Prior, rows int) (gain, noise float64) {
	n, d := r.Dims()
	random := rand.New(rand.NewPCG(3, 4))
	x, z, u := make([]float64, d), make([]float64, n), make([]float64, d)
	for range rows {
		for energy := 0.0; energy == 0; {
			for j := range x {
				x[j] = law.Sample(random)
				energy += x[j] * x[j]
			}
			for j := range x {
				x[j] *= math.Sqrt(float64(d) / energy)
			}
		}
		r.Apply(z, x)
		for i := range z {
			z[i] = math.Copysign(1, z[i])
		}
		r.ApplyTransposed(u, z)
		along, total := 0.0, 0.0
		for j := range u {
			along += u[j] * x[j] / float64(d)
			total += u[j] * u[j] / float64(d)
		}
		gain += along / float64(rows)
		noise += (total - along*along) / float64(rows)
	}
	return gain, noise
}

// The numbers of a code are a function of the seed that files of codes rely on: these must not change.
func TestHadamardIsPinned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, d int
		want []int
	}{{4, 8, []int{4950, 2121, 3536, -2121}}, {6, 6, []int{-7000, 2750, -2375, 4125, -2875, -1875}}, {9, 4, []int{-3035, -885, -2082, -4564, -501, -363, 4919, 1002, -2598}}} {
		r := draw(t, rotation.Spec{Kind: rotation.Hadamard, Bits: c.n, Dim: c.d, Seed: 1<<32 + 7})
		x, z := make([]float32, c.d), make([]float32, c.n)
		for j := range x {
			x[j] = float32(j + 1)
		}
		r.NewWorker().Forward(z, x)
		got := make([]int, c.n)
		for i, v := range z {
			got[i] = int(math.Round(float64(v) * 1000))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d×%d: %#v, want %#v", c.n, c.d, got, c.want)
		}
	}
}

func TestRefusesSpecs(t *testing.T) {
	t.Parallel()
	for _, s := range []rotation.Spec{
		{Kind: 0, Bits: 1, Dim: 1}, {Kind: 3, Bits: 1, Dim: 1}, {Kind: rotation.Hadamard, Bits: 0, Dim: 4}, {Kind: rotation.Hadamard, Bits: 4, Dim: -1},
		{Kind: rotation.Hadamard, Bits: 1 << 25, Dim: 4}, {Kind: rotation.Haar, Bits: 1 << 14, Dim: 1 << 14},
	} {
		if _, err := rotation.New(s); err == nil {
			t.Errorf("%+v is accepted", s)
		}
	}
	if _, err := rotation.ParseKind("hadamar"); err == nil {
		t.Error("hadamar is a rotation")
	}
}

func BenchmarkForward(b *testing.B) {
	for _, s := range [][2]int{{1024, 1024}, {512, 1024}, {1536, 1024}, {784, 784}, {4096, 4096}} {
		b.Run(fmt.Sprintf("%dx%d", s[0], s[1]), func(b *testing.B) {
			r, err := rotation.New(rotation.Spec{Kind: rotation.Hadamard, Bits: s[0], Dim: s[1], Seed: 1})
			if err != nil {
				b.Fatal(err)
			}
			w, x, z := r.NewWorker(), make([]float32, s[1]), make([]float32, s[0])
			b.SetBytes(int64(4 * s[1]))
			for b.Loop() {
				w.Forward(z, x)
			}
		})
	}
}

// NewRounds with New's number of rounds is New, and refuses what is no number of rounds.
func TestNewRounds(t *testing.T) {
	t.Parallel()
	spec := rotation.Spec{Kind: rotation.Hadamard, Bits: 96, Dim: 64, Seed: 5}
	three, err := rotation.NewRounds(spec, 3)
	if err != nil {
		t.Fatal(err)
	}
	usual, err := rotation.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	x, a, b := make([]float64, 64), make([]float64, 96), make([]float64, 96)
	x[7] = 1
	three.Apply(a, x)
	usual.Apply(b, x)
	if !slices.Equal(a, b) {
		t.Error("three rounds are another rotation than New's")
	}
	for _, rounds := range []int{-1, 0, 17} {
		if _, err := rotation.NewRounds(spec, rounds); err == nil {
			t.Errorf("%d rounds were not refused", rounds)
		}
	}
	spec.Kind = rotation.Haar
	if _, err := rotation.NewRounds(spec, 1); err == nil {
		t.Error("a Haar matrix of one round was not refused")
	}
}

// Codes are the signs of products with each row.
func TestCodes(t *testing.T) {
	each(t, func(t *testing.T, b *rotation.Rotation) {
		const rows = 35
		n, d := b.Dims()
		x, r := make([]float32, rows*d), rand.New(rand.NewPCG(1, 2))
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		codes, size := b.Codes(x), (n+7)/8
		if len(codes) != rows*size {
			t.Fatalf("%d bytes, want %d", len(codes), rows*size)
		}
		row, z := make([]float64, d), make([]float64, n)
		for i := range rows {
			for j := range row {
				row[j] = float64(x[i*d+j])
			}
			b.Apply(z, row)
			for k, v := range z {
				if positive := codes[i*size+k/8]>>(k%8)&1 == 1; positive != (v > 0) && math.Abs(v) > 1e-5 {
					t.Errorf("row %d, bit %d: %v, and the product is %g", i, k, positive, v)
				}
			}
		}
	})
}
