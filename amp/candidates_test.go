package amp_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"autoamp/amp"
	"autoamp/amp/internal/quadrature"
)

// amp/THEORY.md §5.1: both branches meet at r = 1 with value 1 − 2/π and slopes −2/π and −(π/2−1)(2/π)².
func TestRGauss(t *testing.T) {
	checkAbsolute(t, "r = 1", amp.RGauss(1), 1-2/math.Pi, 1e-15)
	const h = 1e-6
	checkAbsolute(t, "slope below", (amp.RGauss(1)-amp.RGauss(1-h))/h, -2/math.Pi, 1e-8)
	checkAbsolute(t, "slope above", (amp.RGauss(1+h)-amp.RGauss(1))/h, -(math.Pi/2-1)*4/(math.Pi*math.Pi), 1e-6)
	for _, rate := range []float64{0, -1, math.NaN(), math.Inf(-1)} {
		if got := amp.RGauss(rate); !math.IsNaN(got) {
			t.Errorf("RGauss(%g) = %g, want NaN", rate, got)
		}
	}
	checkAbsolute(t, "r = ∞", amp.RGauss(math.Inf(1)), 0, 0)
}

// R_Gauss is 1 − μ²/(μ² + σ²) of the channel (Proposition 4.2).
func TestRGaussIsTheChannels(t *testing.T) {
	for _, rate := range []float64{1e-6, 0.3, 1, 1.2, 50} {
		mu, sigma2 := amp.HaarChannel(rate)
		checkAbsolute(t, fmt.Sprint(rate), 1-mu*mu/(mu*mu+sigma2), amp.RGauss(rate), 1e-14)
	}
	if mu, sigma2 := amp.HaarChannel(-1); !math.IsNaN(mu) || !math.IsNaN(sigma2) {
		t.Error("HaarChannel(-1): want NaN")
	}
}

// The channel by simulation: x·u/d → μ and ‖u − μx‖²/d → σ².
func TestHaarChannelSimulation(t *testing.T) {
	const d = 4096
	for _, n := range []int{d / 4, d, d * 3 / 2} {
		r := rand.New(rand.NewPCG(31, uint64(n)))
		wantMu, wantSigma2 := amp.HaarChannel(float64(n) / d)
		var mu, sigma2 mean
		u := make([]float64, d)
		for range 20 {
			op := newFastEncoder(n, d, r)
			x := unitEnergyInput(amp.SparseLaplace{P: 0.3}, d, r)
			op.ApplyTransposed(u, signs(op, x, r))
			gain, noise := 0.0, 0.0
			for j := range u {
				gain += x[j] * u[j] / d
				noise += (u[j] - wantMu*x[j]) * (u[j] - wantMu*x[j]) / d
			}
			mu.add(gain)
			sigma2.add(noise)
		}
		mu.check(t, "μ", wantMu, 1e-3*wantMu)
		sigma2.check(t, "σ²", wantSigma2, 1e-3*wantSigma2)
	}
}

// Proposition 5.2 by simulation on the exact identity encoder with fair coins at zeros: E(x − E|x|·sign x)².
func TestIdentitySimulation(t *testing.T) {
	r := rand.New(rand.NewPCG(32, 33))
	for _, law := range simulationLaws() {
		want, ok := amp.IdentityMSE(law, 1)
		if !ok {
			t.Fatal("no identity candidate at r = 1")
		}
		var mse mean
		for range 200_000 {
			x := law.Sample(r)
			s := math.Copysign(1, x)
			if x == 0 {
				s = 1 - 2*float64(r.IntN(2))
			}
			e := x - law.AbsMean()*s
			mse.add(e * e)
		}
		mse.check(t, fmt.Sprintf("%T", law), want, 0)
	}
	if _, ok := amp.IdentityMSE(amp.Gaussian{}, 1.1); ok {
		t.Error("r > 1: want ok = false")
	}
}

// DenoiserMSE is 1 − E f*(u)² too, by a quadrature of its own over u.
func TestDenoiserTwoForms(t *testing.T) {
	for name, law := range laws(t) {
		if name == "empirical" {
			continue // its second moment about the mean is not 1
		}
		for _, rate := range []float64{0.3, 1, 1.5} {
			mu, sigma2 := amp.HaarChannel(rate)
			s2 := sigma2 / (mu * mu)
			explained := 2 * quadrature.Uniform(0, 160, 0.2, func(y float64) float64 {
				f, _ := amp.PosteriorMean(law, rate, mu*y)
				return law.Evidence(y, s2) * f * f
			})
			checkAbsolute(t, fmt.Sprintf("%s r=%g", name, rate), amp.DenoiserMSE(law, rate), 1-explained, 1e-11)
		}
	}
	if got := amp.DenoiserMSE(amp.Gaussian{}, 0); !math.IsNaN(got) {
		t.Errorf("rate 0: %g, want NaN", got)
	}
}

// amp/THEORY.md §15, K-F4, K-F6 and K-F13: the curves of the paper's figures.
func TestFigureValues(t *testing.T) {
	for _, c := range []struct {
		law    amp.Prior
		rates  []float64
		values []float64
	}{
		{amp.SparseGaussian{P: 0.4}, []float64{.1, .25, .5, .75, 1, 1.25, 1.5}, []float64{.9356, .8325, .6469, .4630, .2948, .2464, .2111}},
		{amp.SparseLaplace{P: 1}, []float64{.1, .25, .5, .75, 1}, []float64{.9360, .8370, .6674, .5019, .3446}},
		{amp.SparseLaplace{P: .5}, []float64{.1, .25, .5, .75, 1}, []float64{.9334, .8144, .6097, .4318, .2807}},
	} {
		for i, rate := range c.rates {
			checkAbsolute(t, fmt.Sprintf("%T r=%g", c.law, rate), amp.DenoiserMSE(c.law, rate), c.values[i], 5.1e-5)
		}
	}
}

// amp/THEORY.md §8.
func TestCriticalP(t *testing.T) {
	for _, c := range []struct{ m, linear float64 }{{0.8, .906350}, {0.9, .852642}, {1, .789726}, {1.2, .664904}} {
		got, ok, err := amp.CriticalP("sparse-mixture", c.m, 0.5)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		checkAbsolute(t, fmt.Sprintf("linear, m=%g", c.m), got.P, c.linear, 6e-7)
		if !(got.Uncertainty <= 1e-11) {
			t.Errorf("m=%g: uncertainty %g", c.m, got.Uncertainty)
		}
	}
	for i, rate := range []float64{.1, .25, .5, .75, 1} {
		for name, want := range map[string]float64{
			"sparse-rademacher": []float64{.637403, .640879, .650615, .662057, .668879}[i],
			"sparse-mixture":    []float64{.789895, .790619, .792414, .793977, .794195}[i],
		} {
			got, ok, err := amp.CriticalPDenoiser(name, 1, rate)
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			checkAbsolute(t, fmt.Sprintf("denoiser, %s r=%g", name, rate), got.P, want, 6e-7)
		}
	}
	for _, name := range []string{"gaussian", "sparse-gaussian", "sparse-laplace"} {
		if _, ok, err := amp.CriticalP(name, 1, 1); ok || err != nil {
			t.Errorf("%s: ok = %v, error %v; want no transition", name, ok, err)
		}
	}
	// Sparse uniform data: (E|x|)² = 3p/4.
	linear, ok, err := amp.CriticalP("sparse-uniform", 1, 1)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	checkAbsolute(t, "linear, sparse-uniform", linear.P, 8/(3*math.Pi), 1e-11)
	denoiser, ok, err := amp.CriticalPDenoiser("sparse-uniform", 1, 1)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	at := amp.SparseUniform{P: denoiser.P}
	identity, _ := amp.IdentityMSE(at, 1)
	checkAbsolute(t, "denoiser, sparse-uniform", amp.DenoiserMSE(at, 1), identity, 1e-10)
	if _, ok, err := amp.CriticalPDenoiser("sparse-rademacher", 1, 1.5); ok || err != nil {
		t.Errorf("r > 1: ok = %v, error %v; want no transition", ok, err)
	}
	var domain *amp.DomainError
	if _, _, err := amp.CriticalP("sparse-mixture", -1, 1); !errors.As(err, &domain) {
		t.Errorf("m < 0: %v", err)
	}
	if _, _, err := amp.CriticalPDenoiser("sparse-rademacher", 1, 0); !errors.As(err, &domain) {
		t.Errorf("rate 0: %v", err)
	}
	if _, _, err := amp.CriticalP("x", 1, 1); !errors.Is(err, amp.ErrUnknownPrior) {
		t.Errorf("unknown name: %v", err)
	}
}

// J against mpmath's integral over T at 40 digits.
func TestProbitGain(t *testing.T) {
	for _, c := range []struct{ rho, want float64 }{
		{0, 0.63661977236758134}, {1e-6, 0.63661954103265137}, {0.5, 0.54331918172124799}, {1, 0.48053795807491033},
		{3, 0.35019589226652472}, {100, 0.071628316774098241}, {1e4, 0.0072060315136152413},
	} {
		checkRelative(t, fmt.Sprint(c.rho), amp.ProbitGain(c.rho), c.want, 1e-14)
	}
	for _, rho := range []float64{-1e-9, math.NaN()} {
		if got := amp.ProbitGain(rho); !math.IsNaN(got) {
			t.Errorf("J(%g) = %g, want NaN", rho, got)
		}
	}
}

// The two-tanh form is the posterior mean itself.
func TestTwoTanh(t *testing.T) {
	law := amp.SparseRademacher{P: 0.3}
	slope, shift, ok := law.TwoTanh(1)
	if !ok {
		t.Fatal("K < 1")
	}
	for _, u := range []float64{0, 0.3, 0.6, 0.9, 1.2, 1.5, 2, 3} {
		want := (math.Tanh(slope*u+shift) + math.Tanh(slope*u-shift)) / (2 * math.Sqrt(0.3))
		got, _ := amp.PosteriorMean(law, 1, u)
		checkAbsolute(t, fmt.Sprint(u), got, want, 1e-13)
	}
	if _, _, ok := (amp.SparseRademacher{P: 0.77}).TwoTanh(1); ok {
		t.Error("p = 0.77 at r = 1 has K < 1: want ok = false")
	}
}
