package amp_test

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"autoamp/amp"
)

// study runs the long simulations: go test ./amp -run Study -study -v (ten minutes).
var study = flag.Bool("study", false, "run the long simulations")

// finiteCase is one point at which the 1/d correction is simulated.
type finiteCase struct {
	law amp.Prior
	n   int // code length per 100 dimensions
}

// finiteCases are those of amp/THEORY.md §6.4 and a few more.
func finiteCases() []finiteCase {
	return []finiteCase{
		{amp.SparseGaussian{P: 0.4}, 100}, {amp.SparseGaussian{P: 0.4}, 150}, {amp.SparseGaussian{P: 0.2}, 50},
		{amp.SparseLaplace{P: 0.5}, 50}, {amp.SparseRademacher{P: 0.3}, 100}, {amp.SparseMixture{P: 0.5, Mean: 1}, 125},
		{amp.Gaussian{}, 75},
	}
}

// excess simulates d·(MSE(d) − MSE(∞)) for the linear decoder and the denoiser behind dense Haar matrices, one for every
// 400 inputs. The energy's deviation δ = ‖x‖²/d − 1, whose first two moments are known, is regressed out.
func excess(t *testing.T, c finiteCase, d, batches int, r *rand.Rand) (linear, denoiser mean) {
	t.Helper()
	const inputs = 400
	n := c.n * d / 100
	rate := float64(n) / float64(d)
	mu, sigma2 := amp.HaarChannel(rate)
	alpha := mu / (mu*mu + sigma2)
	linearLimit, denoiserLimit := amp.RGauss(rate), amp.DenoiserMSE(c.law, rate)
	estimate := posteriorMean(c.law, rate)
	slopes := regression(t, c, d, estimate, r)
	x, u, y := make([]float64, d), make([]float64, d), make([]float64, n)
	for range batches {
		b, err := amp.Haar(n, d, r)
		if err != nil {
			t.Fatal(err)
		}
		op, err := amp.NewDense(b)
		if err != nil {
			t.Fatal(err)
		}
		var batch [2]float64
		for range inputs {
			delta := draw(x, c.law, r)
			code(y, op, x, r)
			op.ApplyTransposed(u, y)
			for i, e := range decode(estimate, alpha, x, u) {
				second := delta*delta - (c.law.FourthMoment()-1)/float64(d)
				batch[i] += (e - slopes[i][0]*delta - slopes[i][1]*second) / inputs
			}
		}
		linear.add(float64(d) * (batch[0] - linearLimit))
		denoiser.add(float64(d) * (batch[1] - denoiserLimit))
	}
	return linear, denoiser
}

// draw fills x and returns ‖x‖²/d − 1.
func draw(x []float64, law amp.Prior, r *rand.Rand) float64 {
	energy := 0.0
	for j := range x {
		x[j] = law.Sample(r)
		energy += x[j] * x[j]
	}
	return energy/float64(len(x)) - 1
}

// code fills y with sign(Bx).
func code(y []float64, op amp.Operator, x []float64, r *rand.Rand) {
	copy(y, signs(op, x, r))
}

// decode returns the errors of the linear decoder and of the denoiser.
func decode(estimate func(float64) float64, alpha float64, x, u []float64) (mse [2]float64) {
	for j, v := range u {
		e := x[j] - alpha*v
		mse[0] += e * e / float64(len(u))
		e = x[j] - estimate(v)
		mse[1] += e * e / float64(len(u))
	}
	return mse
}

// posteriorMean is the law's behind a Haar encoder as a function of u, between nodes a line: millions of values are needed, and these are
// off by 2e-6 at most.
func posteriorMean(law amp.Prior, rate float64) func(u float64) float64 {
	const end, nodes = 16.0, 1 << 14
	mu, sigma2 := amp.HaarChannel(rate)
	at := func(u float64) float64 { return law.PosteriorMean(u/mu, sigma2/(mu*mu)) }
	var table [nodes + 1]float64
	for i := range table {
		table[i] = at(end * (2*float64(i)/nodes - 1))
	}
	return func(u float64) float64 {
		place := (u/end + 1) * nodes / 2
		if !(place >= 0 && place < nodes) {
			return at(u)
		}
		i := int(place)
		return table[i] + (place-float64(i))*(table[i+1]-table[i])
	}
}

// regression estimates the slopes of the two errors in δ and δ² from separate inputs, so that they are fixed numbers for
// the estimate itself and bring no bias.
func regression(t *testing.T, c finiteCase, d int, estimate func(float64) float64, r *rand.Rand) (slopes [2][2]float64) {
	t.Helper()
	n := c.n * d / 100
	rate := float64(n) / float64(d)
	mu, sigma2 := amp.HaarChannel(rate)
	b, err := amp.Haar(n, d, r)
	if err != nil {
		t.Fatal(err)
	}
	op, err := amp.NewDense(b)
	if err != nil {
		t.Fatal(err)
	}
	x, u, y := make([]float64, d), make([]float64, d), make([]float64, n)
	var m [5]float64 // moments of δ
	var cross [2][3]float64
	const inputs = 4000
	for range inputs {
		delta := draw(x, c.law, r)
		code(y, op, x, r)
		op.ApplyTransposed(u, y)
		mse := decode(estimate, mu/(mu*mu+sigma2), x, u)
		for k := range m {
			m[k] += math.Pow(delta, float64(k)) / inputs
		}
		for i := range mse {
			for k := range cross[i] {
				cross[i][k] += mse[i] * math.Pow(delta, float64(k)) / inputs
			}
		}
	}
	s11, s12, s22 := m[2]-m[1]*m[1], m[3]-m[1]*m[2], m[4]-m[2]*m[2]
	det := s11*s22 - s12*s12
	for i := range slopes {
		c1, c2 := cross[i][1]-cross[i][0]*m[1], cross[i][2]-cross[i][0]*m[2]
		slopes[i] = [2]float64{(s22*c1 - s12*c2) / det, (s11*c2 - s12*c1) / det}
	}
	return slopes
}

// correction is what FiniteDimension adds, times d.
func correction(c finiteCase, d int) (linear, denoiser float64) {
	rate := float64(c.n) / 100
	linear, denoiser = amp.FiniteDimension(c.law, rate, d)
	return float64(d) * (linear - amp.RGauss(rate)), float64(d) * (denoiser - amp.DenoiserMSE(c.law, rate))
}

// The corrected errors against dense Haar matrices at d = 100: four standard errors, plus the 1/d² terms that the
// correction leaves out (measured by TestStudyFiniteDimension: at most 15 % of it at d = 100).
func TestFiniteDimension(t *testing.T) {
	const d = 100
	batches := 60
	if testing.Short() {
		batches = 15
	}
	for i, c := range finiteCases() {
		t.Run(fmt.Sprintf("%T/r=%g", c.law, float64(c.n)/100), func(t *testing.T) {
			t.Parallel()
			linear, denoiser := excess(t, c, d, batches, rand.New(rand.NewPCG(uint64(i), 21)))
			wantLinear, wantDenoiser := correction(c, d)
			linear.check(t, "d·excess, linear", wantLinear, 0.15*math.Abs(wantLinear)+0.01)
			denoiser.check(t, "d·excess, denoiser", wantDenoiser, 0.15*math.Abs(wantDenoiser)+0.01)
		})
	}
}

// TestStudyFiniteDimension prints d·excess at d = 100, 200, 400 beside the correction.
func TestStudyFiniteDimension(t *testing.T) {
	if !*study {
		t.Skip("takes ten minutes: run with -study")
	}
	for i, c := range finiteCases() {
		wantLinear, wantDenoiser := correction(c, 100)
		t.Logf("%T%+v r=%g: linear %.3f, denoiser %.3f", c.law, c.law, float64(c.n)/100, wantLinear, wantDenoiser)
		for _, d := range []int{100, 200, 400} {
			linear, denoiser := excess(t, c, d, 40_000/d, rand.New(rand.NewPCG(uint64(i), uint64(d))))
			l, dl := linear.value()
			f, df := denoiser.value()
			t.Logf("  d=%d: linear %.3f ± %.3f, denoiser %.3f ± %.3f", d, l, dl, f, df)
		}
	}
}

// For Gaussian data and r ≤ 1 every matrix with orthonormal rows has the limit's error at every d (amp/THEORY.md §5.1), so
// both corrections vanish; at r = 1 the two branches of the formulas meet; for Gaussian data linear and denoiser agree.
func TestFiniteDimensionIdentities(t *testing.T) {
	for _, rate := range []float64{0.2, 0.7, 1} {
		linear, denoiser := amp.FiniteDimension(amp.Gaussian{}, rate, 10)
		checkAbsolute(t, "Gaussian linear", linear, amp.RGauss(rate), 1e-14)
		checkAbsolute(t, "Gaussian denoiser", denoiser, amp.RGauss(rate), 1e-12)
	}
	for name, law := range laws(t) {
		l0, d0 := amp.FiniteDimension(law, 1, 1)
		l1, d1 := amp.FiniteDimension(law, 1+1e-9, 1)
		checkAbsolute(t, name+" linear at r = 1", l1, l0, 1e-7*(1+math.Abs(l0)))
		checkAbsolute(t, name+" denoiser at r = 1", d1, d0, 1e-6*(1+math.Abs(d0)))
	}
	for _, rate := range []float64{0.5, 2} {
		linear, denoiser := amp.FiniteDimension(amp.Gaussian{}, rate, 7)
		checkAbsolute(t, "Gaussian: linear = denoiser", linear, denoiser, 1e-12)
	}
	if l, f := amp.FiniteDimension(amp.Gaussian{}, 1, 0); !math.IsNaN(l) || !math.IsNaN(f) {
		t.Error("d = 0: want NaN")
	}
}

// The rule of NewFiniteDim: from d = E x⁴ on, and never what is no error.
func TestNewFiniteDim(t *testing.T) {
	var domain *amp.DomainError
	law := amp.SparseGaussian{P: 0.01} // E x⁴ = 300
	if f, err := amp.NewFiniteDim(law, 1, 299); f != nil || !errors.As(err, &domain) || domain.Field != "dim" || !strings.Contains(err.Error(), "300") {
		t.Error(f, err)
	}
	linear, denoiser := amp.FiniteDimension(law, 1, 300)
	if f, err := amp.NewFiniteDim(law, 1, 300); err != nil || f.Linear != linear || *f.Denoiser != denoiser {
		t.Error(f, err)
	}
	// Below the cliff of a Rademacher denoiser the first order is negative.
	if f, err := amp.NewFiniteDim(amp.SparseRademacher{P: 1}, 2.5, 2); err != nil || f.Denoiser != nil || !(f.Linear > 0) {
		t.Error(f, err)
	}
	if _, err := amp.NewFiniteDim(amp.Gaussian{}, 0, 10); !errors.As(err, &domain) || domain.Field != "rate" {
		t.Error(err)
	}
	p, err := amp.Predict(amp.Point{Data: "sparse-gaussian", P: 0.001, Rate: 1}, &amp.Settings{Dim: 100})
	if err != nil || p.FiniteDim != nil || p.FiniteDimNote != "no theory at d = 100: amp: dim = 100: must be at least E x⁴ = 3000 for errors at finite d, an expansion in 1/d" {
		t.Error(p, err)
	}
}
