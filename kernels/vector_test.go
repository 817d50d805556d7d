package kernels

import (
	"math"
	"testing"
)

// Relative to Σ|terms|: at most 256 additions in a lane of float32. Their errors grow with the root of the number of additions.
const sumTolerance = 1e-6

func TestSums(t *testing.T) {
	eachLevel(t, func(t *testing.T, level Level) {
		for _, n := range append(lengths, 100_000) {
			a, b := values(n, 1), values(n, 2)
			var dot, dotSize, square, squareSize float64
			for i := range a {
				p, e := float64(a[i])*float64(b[i]), float64(a[i])-float64(b[i])
				dot, dotSize = dot+p, dotSize+math.Abs(p)
				square, squareSize = square+e*e, squareSize+e*e
			}
			near(t, "Dot", dotLevel(level, a, b), dot, sumTolerance*dotSize)
			near(t, "SquaredError", squaredErrorLevel(level, a, b), square, sumTolerance*squareSize)
			du := make([]float32, n)
			near(t, "MSEGrad", mseGradLevel(level, du, a, b, 0.5), square, sumTolerance*squareSize)
			for i := range du {
				if want := 0.5 * (a[i] - b[i]); du[i] != want {
					t.Fatalf("MSEGrad: du[%d] = %g, want %g", i, du[i], want)
				}
			}
		}
		a := values(100, 1)
		a[99] = float32(math.NaN())
		if s := dotLevel(level, a, a); s == s {
			t.Errorf("sum of squares with a NaN is %g", s)
		}
	})
}

func TestRowNormalize(t *testing.T) {
	eachLevel(t, func(t *testing.T, level Level) {
		for _, cols := range []int{1, 3, 16, 33, 100, 784, 1027} {
			const rows = 70 // more than the rows of one run
			w, db := values(rows*cols, 1), values(rows*cols, 2)
			clear(w[2*cols : 3*cols])
			b, inv := make([]float32, rows*cols), make([]float32, rows)
			rowNormalizeLevel(level, b, inv, w, rows, cols)
			dw := clone(db)
			rowNormalizeGradLevel(level, dw, dw, b, inv, rows, cols)
			for i := range rows {
				checkRow(t, w[i*cols:(i+1)*cols], b[i*cols:(i+1)*cols], db[i*cols:(i+1)*cols], dw[i*cols:(i+1)*cols], inv[i])
			}
		}
	})
}

// checkRow compares a row with float64. Values: 4 roundings of 2⁻²⁴ and half the sum's error. Gradients: the like,
// relative to the size of the row's gradient, since the radial part cancels.
func checkRow(t *testing.T, w, b, db, dw []float32, inv float32) {
	t.Helper()
	const limit = 5e-7
	norm, along, size := 0.0, 0.0, 0.0
	for j := range w {
		norm += float64(w[j]) * float64(w[j])
	}
	norm = math.Sqrt(norm)
	if norm == 0 {
		for j := range w {
			if inv != 0 || b[j] != 0 || dw[j] != 0 {
				t.Fatalf("zero row: inverse norm %g, value %g, gradient %g", inv, b[j], dw[j])
			}
		}
		return
	}
	near(t, "inverse norm", float64(inv), 1/norm, limit/norm)
	for j := range w {
		along += float64(w[j]) / norm * float64(db[j])
		size += float64(db[j]) * float64(db[j])
	}
	size = math.Sqrt(size)
	for j := range w {
		unit := float64(w[j]) / norm
		near(t, "value", float64(b[j]), unit, limit*math.Abs(unit))
		near(t, "gradient", float64(dw[j]), (float64(db[j])-unit*along)/norm, limit*size/norm)
	}
}

func TestRowNormalizeInPlaceAndNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T, level Level) {
		w := values(3*20, 1)
		w[25] = float32(math.NaN())
		b, inv := make([]float32, 60), make([]float32, 3)
		rowNormalizeLevel(level, b, inv, w, 3, 20)
		rowNormalizeLevel(level, w, inv, w, 3, 20)
		sameBits(t, "in place", w, b)
		for j := range b {
			if nan := b[j] != b[j]; nan != (j/20 == 1) {
				t.Fatalf("element %d is %g", j, b[j])
			}
		}
	})
}

// Optimizers against float64. A step rounds at most ten times; 12·2⁻²⁴ of the largest term covers them.
func TestOptimizers(t *testing.T) {
	const limit = 12.0 / (1 << 24)
	eachLevel(t, func(t *testing.T, level Level) {
		for _, n := range lengths {
			w, m, v, g := values(n, 1), values(n, 2), positive(n, 3), values(n, 4)
			aw, am, av := clone(w), clone(m), clone(v)
			adamLevel(level, aw, am, av, g, testAdam)
			mw, mm := clone(w), clone(m)
			momentumLevel(level, mw, mm, g, 0.01, 0.9, 0.5)
			rw, rv := clone(w), clone(v)
			rmspropLevel(level, rw, rv, g, 1e-3, 0.9, 1e-10, 0.5)
			for i := range n {
				w, m, v, g := float64(w[i]), float64(m[i]), float64(v[i]), float64(g[i])
				h := testAdam
				b1, b2, gs := float64(h.Beta1), float64(h.Beta2), g*float64(h.GradScale)
				m1, v1 := b1*m+(1-b1)*gs, b2*v+(1-b2)*gs*gs
				near(t, "Adam m", float64(am[i]), m1, limit*(math.Abs(m)+math.Abs(g)))
				near(t, "Adam v", float64(av[i]), v1, limit*v1+1e-44)
				// The step from the rounded moments, so that a cancelled m does not count twice.
				m1, v1 = float64(am[i]), float64(av[i])
				step := float64(h.LearningRate) * m1 * float64(h.Correct1) / (math.Sqrt(v1*float64(h.Correct2)) + float64(h.Epsilon))
				near(t, "Adam w", float64(aw[i]), w-step, limit*(math.Abs(w)+math.Abs(step)))

				m1 = float64(float32(0.9))*m + 0.5*g
				near(t, "Momentum m", float64(mm[i]), m1, limit*(math.Abs(m)+math.Abs(g)))
				near(t, "Momentum w", float64(mw[i]), w-float64(float32(0.01))*float64(mm[i]), limit*(math.Abs(w)+math.Abs(m)+math.Abs(g)))

				rho := float64(float32(0.9))
				v1 = rho*v + (1-rho)*g*g/4
				near(t, "RMSProp v", float64(rv[i]), v1, limit*v1+1e-44)
				step = float64(float32(1e-3)) * g / 2 / math.Sqrt(float64(rv[i])+float64(float32(1e-10)))
				near(t, "RMSProp w", float64(rw[i]), w-step, limit*(math.Abs(w)+math.Abs(step)))
			}
		}
	})
}

func TestFirstNonFinite(t *testing.T) {
	eachLevel(t, func(t *testing.T, level Level) {
		for _, n := range lengths {
			a := values(n, 1)
			if n > 2 {
				a[0], a[1], a[2] = math.MaxFloat32, -math.MaxFloat32, 1e-45
			}
			if i := firstNonFiniteLevel(level, a); i != -1 {
				t.Fatalf("length %d: found %d in finite values", n, i)
			}
			for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				for at := n - 1; at >= 0; at -= 1 + n/20 {
					a[at] = float32(bad)
					if i := firstNonFiniteLevel(level, a); i != at {
						t.Fatalf("length %d: found %d, want %d", n, i, at)
					}
				}
				copy(a, values(n, 1))
			}
		}
	})
}

func TestSignValues(t *testing.T) {
	eachLevel(t, func(t *testing.T, level Level) {
		for _, n := range lengths {
			z, y := values(n, 1), make([]float32, n)
			const offset = 12345
			signLevel(level, y, z, offset, testStream)
			for i, v := range z {
				want := float32(1)
				switch j := uint32(offset + i); {
				case v < 0:
					want = -1
				case v == 0:
					if testStream.words(j >> 7)[j>>5&3]>>(j&31)&1 == 0 {
						want = -1
					}
				}
				if y[i] != want {
					t.Fatalf("length %d: sign(%g) = %g at %d, want %g", n, v, y[i], i, want)
				}
			}
		}
	})
}

// 4σ bounds: the mean of N fair coins has standard error 1/√N, and so has the mean product with another stream's.
func TestSignCoinIsFair(t *testing.T) {
	const n = 1 << 16
	zero, a, b := make([]float32, n), make([]float32, n), make([]float32, n)
	Sign(a, zero, 0, testStream)
	near(t, "mean", mean(a, nil), 0, 4/math.Sqrt(n))
	other := testStream
	other.Step++
	Sign(b, zero, 0, other)
	near(t, "next step", mean(a, b), 0, 4/math.Sqrt(n))
	near(t, "neighbours", mean(a[1:], a[:n-1]), 0, 4/math.Sqrt(n))
}

// mean returns the mean of a, or of a·b.
func mean(a, b []float32) float64 {
	s := 0.0
	for i, v := range a {
		p := float64(v)
		if b != nil {
			p *= float64(b[i])
		}
		s += p
	}
	return s / float64(len(a))
}

// Single operations have one rounding: exact by definition.
func TestAxpyAddScale(t *testing.T) {
	eachLevel(t, func(t *testing.T, level Level) {
		a, b := values(100, 1), values(100, 2)
		axpy, add, scale := clone(b), clone(b), clone(b)
		axpyLevel(level, axpy, a, 0.7)
		addLevel(level, add, a, b)
		scaleLevel(level, scale, a, 0.7)
		for i := range a {
			alpha := float32(0.7)
			near(t, "Axpy", float64(axpy[i]), float64(alpha)*float64(a[i])+float64(b[i]), ulp(float64(axpy[i])))
			near(t, "Add", float64(add[i]), float64(a[i])+float64(b[i]), ulp(float64(add[i])))
			near(t, "Scale", float64(scale[i]), float64(alpha)*float64(a[i]), ulp(float64(scale[i])))
		}
	})
}

func TestMerge(t *testing.T) {
	eachLevel(t, func(t *testing.T, level Level) {
		for _, n := range append(lengths, 3*mergeRun+5) {
			a, b, dout := values(n, 1), values(n, 2), values(n, 3)
			const beta, gamma = -0.75, 1.5
			dst := clone(a)
			mergeLevel(level, dst, dst, b, beta, gamma) // in place
			da, db, dw := clone(dout), make([]float32, n), make([]float64, 2)
			mergeGradLevel(level, da, db, dw, da, a, b, beta, gamma)
			var want, size [2]float64
			for i := range a {
				if e := math.Abs(float64(dst[i]) - (beta*float64(a[i]) + gamma*float64(b[i]))); e > 2e-7*(math.Abs(float64(a[i]))+2*math.Abs(float64(b[i]))) {
					t.Fatalf("n = %d: merged[%d] is wrong by %g", n, i, e)
				}
				if da[i] != beta*dout[i] || db[i] != gamma*dout[i] {
					t.Fatalf("n = %d: gradients %g and %g of %g at %d", n, da[i], db[i], dout[i], i)
				}
				for k, v := range []float32{a[i], b[i]} {
					want[k] += float64(dout[i]) * float64(v)
					size[k] += math.Abs(float64(dout[i]) * float64(v))
				}
			}
			for k := range want {
				near(t, "MergeGrad", dw[k], want[k], sumTolerance*size[k])
			}
		}
	})
}

func TestBias(t *testing.T) {
	for _, rows := range []int{1, 3, 4, 9} {
		for _, cols := range []int{1, 17, 64} {
			x, c := values(rows*cols, 1), values(cols, 2)
			y, dc := make([]float32, len(x)), make([]float64, cols)
			Bias(y, x, c)
			BiasGrad(dc, x)
			for j := range cols {
				var sum, size float64
				for i := range rows {
					at := i*cols + j
					if y[at] != x[at]+c[j] {
						t.Fatalf("%d×%d: y[%d][%d] = %g", rows, cols, i, j, y[at])
					}
					sum, size = sum+float64(x[at]), size+math.Abs(float64(x[at]))
				}
				near(t, "BiasGrad", dc[j], sum, 2e-7*size)
			}
		}
	}
}

func TestActivations(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	x := []float32{-inf, -2, float32(math.Copysign(0, -1)), 0, 1e-40, 3, inf, nan}
	want := []float32{0, 0, 0, 0, 1e-40, 3, inf, nan}
	slope := []float32{0, 0, 0, 0, 1, 1, 1, 1}
	y, dx := make([]float32, len(x)), make([]float32, len(x))
	ReLU(y, x)
	ones := make([]float32, len(x))
	for i := range ones {
		ones[i] = 1
	}
	ReLUGrad(dx, ones, y)
	for i := range x {
		if math.Float32bits(y[i]) != math.Float32bits(want[i]) || dx[i] != slope[i] {
			t.Errorf("relu(%g) = %g with slope %g, want %g and %g", x[i], y[i], dx[i], want[i], slope[i])
		}
	}
	TanhGrad(dx, ones, []float32{-1, -0.5, 0, 0.5, 1, nan, 0, 0})
	for i, want := range []float32{0, 0.75, 1, 0.75, 0} {
		if dx[i] != want {
			t.Errorf("tanh slope %d is %g, want %g", i, dx[i], want)
		}
	}
	if dx[5] == dx[5] {
		t.Errorf("tanh slope at NaN is %g", dx[5])
	}
}

func TestThreshold(t *testing.T) {
	nan, inf, zero := float32(math.NaN()), float32(math.Inf(1)), float32(math.Copysign(0, -1))
	x := []float32{-inf, -2, -0.5, zero, 0, 0.5, 0.50001, inf, nan}
	want := []float32{-inf, -2, 0, 0, 0, 0, 0.50001, inf, nan}
	slope := []float32{1, 1, 0, 0, 0, 0, 1, 1, 1}
	y, dx, ones := make([]float32, len(x)), make([]float32, len(x)), make([]float32, len(x))
	for i := range ones {
		ones[i] = 1
	}
	Threshold(y, x, 0.5)
	SupportGrad(dx, ones, y)
	for i := range x {
		if math.Float32bits(y[i]) != math.Float32bits(want[i]) || dx[i] != slope[i] {
			t.Errorf("threshold(%g) = %g with slope %g, want %g and %g", x[i], y[i], dx[i], want[i], slope[i])
		}
	}
	if SupportGrad(dx[:1], ones[:1], []float32{zero}); dx[0] != 0 {
		t.Error("−0 counts as a support")
	}
}

// TestNormalisedStep moves two rows by hand, and more than one run of rows.
func TestNormalisedStep(t *testing.T) {
	w := []float32{3, 5, 1, 0}
	NormalisedStep(w, []float32{0, 2, 2, 0}, 2, 2, 0.5)
	for i, want := range []float64{0.6, 0.8, 0, 0} {
		near(t, "NormalisedStep", float64(w[i]), want, 1e-7)
	}
	const rows, cols = 3*rowRun + 1, 5
	w = values(rows*cols, 1)
	NormalisedStep(w, values(rows*cols, 2), rows, cols, 0.1)
	for i := range rows {
		near(t, "squared norm", SumSquares(w[i*cols:(i+1)*cols]), 1, 1e-6)
	}
}

// TestSampleCodesInParts checks that rows may be drawn apart, and in any number of columns.
func TestSampleCodesInParts(t *testing.T) {
	s := Stream{Seed: 7, Stream: 3, Step: 1 << 40}
	for _, cols := range []int{1, 2, 17} {
		for _, k := range []int{1, cols} {
			law := CodeLaw{Support: k, Lo: 0.5, Hi: 1.5, Signed: true}
			whole, part := make([]float32, 9*cols), make([]float32, 4*cols)
			SampleCodes(whole, cols, 2, law, s)
			SampleCodes(part, cols, 5, law, s)
			sameBits(t, "rows 5 to 8", part, whole[3*cols:7*cols])
			for i, x := range whole {
				if a := math.Abs(float64(x)); k == cols && (a < 0.5 || a > 1.5) {
					t.Fatalf("entry %d is %g, want a magnitude in [0.5, 1.5]", i, x)
				}
			}
		}
	}
}
