package inference_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"autoamp/amp"
	"autoamp/kernels"
	"autoamp/train/codec/inference"
	"autoamp/train/codec/rotation"
)

var laws = []amp.Prior{
	amp.Gaussian{}, amp.SparseGaussian{P: 0.4}, amp.SparseRademacher{P: 0.3}, amp.SparseLaplace{P: 0.5}, amp.SparseMixture{P: 0.5, Mean: 1},
	amp.SparseUniform{P: 0.3},
}

var rates = []float64{0.5, 1, 1.5}

func hadamard(t *testing.T, rate float64, d int) *rotation.Rotation {
	t.Helper()
	b, err := rotation.New(rotation.Spec{Kind: rotation.Hadamard, Bits: int(math.Round(rate * float64(d))), Dim: d, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decoder(t *testing.T, b *rotation.Rotation, law amp.Prior, s inference.Settings) *inference.Decoder {
	t.Helper()
	d, err := inference.New(b, law, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// unitRows are rows of a law, each scaled to a mean square of 1, and their codes, packed.
func unitRows(b *rotation.Rotation, law amp.Prior, rows int) (x []float32, codes []byte) {
	_, d := b.Dims()
	r := rand.New(rand.NewPCG(7, uint64(d)))
	x = make([]float32, rows*d)
	for i := range rows {
		row := x[i*d:][:d]
		for e := 0.0; e == 0; e = kernels.Dot(row, row) {
			for j := range row {
				row[j] = float32(law.Sample(r))
			}
		}
		kernels.Scale(row, row, float32(math.Sqrt(float64(d)/kernels.Dot(row, row))))
	}
	return x, b.Codes(x)
}

// errors is the mean error of the rows per coordinate, and its standard error.
func errors(x, estimate []float32, d int) (mse, stderr float64) {
	rows, square := float64(len(x)/d), 0.0
	for i := 0; i < len(x); i += d {
		e := kernels.SquaredError(x[i:i+d], estimate[i:i+d]) / float64(d)
		mse += e / rows
		square += e * e / rows
	}
	return mse, math.Sqrt((square - mse*mse) / rows)
}

// On rows of independent numbers every decoder has the error that it predicts. Beside five standard errors there is what is left of
// order 1/d: for linear and denoiser the law of a coordinate of scaled rows, for the others all of it, at most 4/d of the data here.
func TestErrorsAreThePredicted(t *testing.T) {
	t.Parallel()
	const d, rows = 1024, 160
	for _, law := range laws {
		for _, rate := range rates {
			t.Run(fmt.Sprintf("%T/%g", law, rate), func(t *testing.T) {
				t.Parallel()
				b := hadamard(t, rate, d)
				x, codes := unitRows(b, law, rows)
				estimate := make([]float32, len(x))
				for _, m := range inference.Methods() {
					k := decoder(t, b, law, inference.Settings{Method: m})
					if _, err := k.Batch(t.Context(), estimate, codes, 1); err != nil {
						t.Fatal(err)
					}
					mse, stderr := errors(x, estimate, d)
					limit := 5*stderr + 4./d
					if _, slow := law.(amp.SparseRademacher); slow && rate > 1 && m >= inference.RIGAMP {
						limit *= 3 // near the rate from which on AMP finds the data: see amp/README.md
					}
					if math.Abs(mse-k.MSE()) > limit {
						t.Errorf("%v: %.5f, predicted %.5f ± %.5f", m, mse, k.MSE(), limit)
					}
				}
			})
		}
	}
}

// The steps are amp's stages: a VAMP of a general linear model in float64, with posterior means instead of tables and the same
// precisions, has the same estimate.
func TestVAMPAgainstStages(t *testing.T) {
	t.Parallel()
	const d, rows = 300, 3
	for _, law := range laws {
		for _, rate := range rates {
			for _, iterations := range []int{1, 2, 5} {
				t.Run(fmt.Sprintf("%T/%g/%d", law, rate, iterations), func(t *testing.T) {
					t.Parallel()
					b := hadamard(t, rate, d)
					_, codes := unitRows(b, law, rows)
					got := make([]float32, rows*d)
					k := decoder(t, b, law, inference.Settings{Method: inference.VAMP, Iterations: iterations})
					if _, err := k.Batch(t.Context(), got, codes, 1); err != nil {
						t.Fatal(err)
					}
					n, _ := b.Dims()
					y, size := make([]float32, n), (n+7)/8
					for i := range rows {
						kernels.UnpackSigns(y, codes[i*size:])
						want := stages(t, b, y, law, iterations)
						// Tables are straight between knots, steps of discrete laws are not.
						if e := distance(got[i*d:][:d], want); e > 2e-3 {
							t.Errorf("row %d: the estimate is off by %g (rms)", i, e)
						}
					}
				})
			}
		}
	}
}

// stages is amp/THEORY.md §11.1 with the scalar recursion of §11.3 for the precisions.
func stages(t *testing.T, b *rotation.Rotation, y []float32, law amp.Prior, iterations int) []float64 {
	t.Helper()
	flat, err := amp.NewFlat(b)
	if err != nil {
		t.Fatal(err)
	}
	n, d := b.Dims()
	rate := b.Rate()
	r1, r2, x, p1, p2, z := make([]float64, d), make([]float64, d), make([]float64, d), make([]float64, n), make([]float64, n), make([]float64, n)
	gamma2, tau1 := 1.0, 1.0
	for range iterations {
		j := amp.ProbitGain(tau1 - 1)
		for i := range p1 {
			u := float64(y[i]) * p1[i] * math.Sqrt(tau1)
			zhat := p1[i] + float64(y[i])*math.Exp(-u*u/2)/math.Sqrt(2*math.Pi*tau1)/(math.Erfc(-u/math.Sqrt2)/2)
			p2[i] = (zhat*tau1/(1-j) - tau1*p1[i]) / (tau1/(1-j) - tau1)
		}
		tau2 := tau1 * j / (1 - j)
		solve := func() {
			b.ApplyTransposed(x, p2)
			for j := range x {
				x[j] = gamma2*r2[j] + tau2*x[j]
			}
			flat.Solve(x, x, gamma2, tau2)
		}
		solve()
		gamma1 := rate * tau2
		if rate <= 1 {
			gamma1 = rate * tau2 * gamma2 / (gamma2 + (1-rate)*tau2)
		}
		for j := range r1 {
			r1[j] = ((gamma1+gamma2)*x[j] - gamma2*r2[j]) / gamma1
			x[j] = law.PosteriorMean(r1[j], 1/gamma1)
		}
		estimate := slices.Clone(x)
		mse := law.MMSE(1 / gamma1)
		gamma2 = (1 - gamma1*mse) / mse
		for j := range r2 {
			r2[j] = (x[j]/mse - gamma1*r1[j]) / gamma2
		}
		solve()
		b.Apply(z, x)
		eta := gamma2 + tau2
		tau1 = gamma2
		if rate > 1 {
			eta, tau1 = gamma2+rate*tau2, gamma2+(rate-1)*tau2
		}
		for i := range p1 {
			p1[i] = (eta*z[i] - tau2*p2[i]) / tau1
		}
		x = estimate
	}
	return x
}

// distance is the root of the mean square difference.
func distance(a []float32, b []float64) float64 {
	sum := 0.0
	for j, v := range a {
		sum += (float64(v) - b[j]) * (float64(v) - b[j])
	}
	return math.Sqrt(sum / float64(len(a)))
}

// RI-GAMP with the state evolution's coefficients is amp's on a large rotation, whose own coefficients are from the slopes of its functions;
// and it takes VAMP's steps, as on a flat spectrum it should.
func TestRIGAMPAgainstAmp(t *testing.T) {
	t.Parallel()
	const d = 1 << 14
	for _, rate := range rates {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			t.Parallel()
			law := amp.SparseGaussian{P: 0.3}
			b := hadamard(t, rate, d)
			_, codes := unitRows(b, law, 1)
			n, _ := b.Dims()
			y, code := make([]float32, n), make([]float64, n)
			kernels.UnpackSigns(y, codes)
			for i, v := range y {
				code[i] = float64(v)
			}
			evolution, err := amp.RIGAMPStateEvolution(law, rate, nil, 3)
			if err != nil {
				t.Fatal(err)
			}
			f, g := evolution.Functions(law)
			want, err := amp.RIGAMP(b, code, nil, f, g)
			if err != nil {
				t.Fatal(err)
			}
			got, vamp := make([]float32, d), make([]float32, d)
			decode(t, decoder(t, b, law, inference.Settings{Method: inference.RIGAMP, Iterations: 3}), got, codes)
			decode(t, decoder(t, b, law, inference.Settings{Method: inference.VAMP, Iterations: 3}), vamp, codes)
			if e := distance(got, want[2]); e > 5/math.Sqrt(d) {
				t.Errorf("amp's RI-GAMP is at %g (rms)", e)
			}
			if e := math.Sqrt(kernels.SquaredError(got, vamp) / d); e > 2e-3 {
				t.Errorf("VAMP is at %g (rms)", e)
			}
		})
	}
}

func decode(t *testing.T, k *inference.Decoder, dst []float32, codes []byte) []amp.Status {
	t.Helper()
	status, err := k.Batch(t.Context(), dst, codes, 1)
	if err != nil {
		t.Fatal(err)
	}
	return status
}

// A row's estimate is a function of its code: not of its place, of the other rows, of the number of goroutines.
func TestRowsAreIndependent(t *testing.T) {
	t.Parallel()
	const d, rows = 100, 333
	law := amp.SparseLaplace{P: 0.5}
	for _, kind := range []rotation.Kind{rotation.Haar, rotation.Hadamard} {
		for _, m := range inference.Methods() {
			t.Run(fmt.Sprintf("%v/%v", kind, m), func(t *testing.T) {
				t.Parallel()
				b, err := rotation.New(rotation.Spec{Kind: kind, Bits: 77, Dim: d, Seed: 2})
				if err != nil {
					t.Fatal(err)
				}
				_, codes := unitRows(b, law, rows)
				k := decoder(t, b, law, inference.Settings{Method: m})
				one, many := make([]float32, rows*d), make([]float32, rows*d)
				decode(t, k, one, codes)
				if _, err := k.Batch(t.Context(), many, codes, 5); err != nil || !slices.Equal(one, many) {
					t.Errorf("five goroutines decode other rows: %v", err)
				}
				alone := make([]float32, d)
				decode(t, k, alone, codes[200*10:][:10])
				if !slices.Equal(alone, one[200*d:][:d]) {
					t.Error("row 200 alone is another one")
				}
			})
		}
	}
}

// Where the state evolution finds the data and small rows do not, their codes contradict the estimates.
func TestContradicted(t *testing.T) {
	t.Parallel()
	const d, rows = 64, 200
	law := amp.SparseRademacher{P: 1}
	b := hadamard(t, 2, d)
	x, codes := unitRows(b, law, rows)
	k, estimate := decoder(t, b, law, inference.Settings{Method: inference.VAMP}), make([]float32, rows*d)
	status := decode(t, k, estimate, codes)
	found, contradicted := 0, 0
	for i, s := range status {
		e := kernels.SquaredError(x[i*d:][:d], estimate[i*d:][:d]) / d
		if s == amp.Converged && e > 0.1 {
			t.Errorf("row %d: %v, and the error is %.3f; %.1e is predicted", i, s, e, k.MSE())
		}
		if e < 0.01 {
			found++
		}
		if s == amp.Contradicted {
			contradicted++
		}
	}
	if found < rows/4 || contradicted == 0 {
		t.Errorf("%d of %d rows are found, %d are contradicted", found, rows, contradicted)
	}
}

func TestRefusesSettings(t *testing.T) {
	t.Parallel()
	b := hadamard(t, 1, 16)
	for want, s := range map[string]inference.Settings{
		"decoder = Method(9): must be":            {Method: 9},
		"iterations = -1: must be":                {Method: inference.VAMP, Iterations: -1},
		"iterations = 201: must be":               {Method: inference.VAMP, Iterations: 201},
		"iterations = 8: must be between 1 and 7": {Method: inference.RIGAMP, Iterations: 8},
		"iterations = 3: the linear decoder":      {Method: inference.Linear, Iterations: 3},
		"damping = 1: must be":                    {Method: inference.VAMP, Damping: 1},
		"damping = 0.5: only vamp":                {Method: inference.RIGAMP, Damping: 0.5},
	} {
		if _, err := inference.New(b, amp.Gaussian{}, s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := decoder(t, b, amp.Gaussian{}, inference.Settings{}).Batch(t.Context(), make([]float32, 16), make([]byte, 3), 1); err == nil {
		t.Error("3 bytes are accepted as codes of 16 bits")
	}
	if _, err := inference.ParseMethod("amp"); err == nil {
		t.Error("amp is a decoder")
	}
}

func BenchmarkDecode(b *testing.B) {
	const d, rows = 1024, 64
	for _, rate := range rates {
		r, err := rotation.New(rotation.Spec{Kind: rotation.Hadamard, Bits: int(rate * d), Dim: d, Seed: 2})
		if err != nil {
			b.Fatal(err)
		}
		law := amp.SparseGaussian{P: 0.4}
		_, codes := unitRows(r, law, rows)
		for _, m := range inference.Methods() {
			b.Run(fmt.Sprintf("%v/%g", m, rate), func(b *testing.B) {
				k, err := inference.New(r, law, inference.Settings{Method: m})
				if err != nil {
					b.Fatal(err)
				}
				w, x, status := k.NewWorker(), make([]float32, rows*d), make([]amp.Status, rows)
				b.SetBytes(4 * rows * d)
				for b.Loop() {
					w.Decode(x, codes, len(codes)/rows, status)
				}
				b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

// Universality: behind the fast rotation and behind a Haar matrix the same rows have the same error, for every law, rate and decoder.
func TestHadamardDecodesLikeHaar(t *testing.T) {
	t.Parallel()
	const d, rows = 256, 240
	for _, rate := range rates {
		fast := hadamard(t, rate, d)
		spec := fast.Spec()
		spec.Kind = rotation.Haar
		haar, err := rotation.New(spec)
		if err != nil {
			t.Fatal(err)
		}
		for _, law := range laws {
			t.Run(fmt.Sprintf("%T/%g", law, rate), func(t *testing.T) {
				t.Parallel()
				for _, m := range inference.Methods() {
					var mse, stderr [2]float64
					for i, b := range []*rotation.Rotation{fast, haar} {
						x, codes := unitRows(b, law, rows)
						estimate := make([]float32, len(x))
						decode(t, decoder(t, b, law, inference.Settings{Method: m}), estimate, codes)
						mse[i], stderr[i] = errors(x, estimate, d)
					}
					if limit := 5 * math.Hypot(stderr[0], stderr[1]); math.Abs(mse[0]-mse[1]) > limit {
						t.Errorf("%v: hadamard %.5f, haar %.5f; five standard errors are %.5f", m, mse[0], mse[1], limit)
					}
				}
			})
		}
	}
}
