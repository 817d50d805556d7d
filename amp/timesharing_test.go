package amp_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"autoamp/amp"
)

// The values of amp/THEORY.md §6.2, five digits; its r* has two.
func TestTimeShareValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ p, rate, mse, best float64 }{
		{0.2, 0.25, 0.77508, 0.52}, {0.2, 0.1, 0.91003, 0.52}, {0.4, 0.25, 0.82096, 0.72}, {0.2, 1, 0.19980, 1},
	} {
		share := amp.DenoiserShare(amp.SparseGaussian{P: c.p}, c.rate)
		checkAbsolute(t, fmt.Sprintf("p = %g, r = %g", c.p, c.rate), share.MSE, c.mse, 1.5e-5)
		checkAbsolute(t, fmt.Sprintf("p = %g, r = %g: r*", c.p, c.rate), share.Rate, c.best, 0.01)
	}
}

// densest is the best time-sharing on a dense grid of rates, geometric with a step of 3e-3.
func densest(curve func(float64) float64, rate float64) (mse, best float64) {
	gain := 0.0
	for r := rate; 1/r > gain; r *= 1.003 { // no error is below 0
		if g := (1 - curve(r)) / r; g > gain {
			gain, best = g, r
		}
	}
	return 1 - rate*gain, best
}

// The search against a dense scan: the scan is above the envelope, and by no more than its step makes it.
func TestTimeShareAgainstScan(t *testing.T) {
	t.Parallel()
	steps := func(x float64) float64 { // two jumps, of which the second gains more per bit
		switch {
		case x < 0.3:
			return 1
		case x < 0.5:
			return 0.75
		}
		return 0.5
	}
	for name, curve := range map[string]func(float64) float64{
		"SG(.2)":  func(r float64) float64 { return amp.DenoiserMSE(amp.SparseGaussian{P: 0.2}, r) },
		"SL(.3)":  func(r float64) float64 { return amp.DenoiserMSE(amp.SparseLaplace{P: 0.3}, r) },
		"SR(.9)":  func(r float64) float64 { return amp.DenoiserMSE(amp.SparseRademacher{P: 0.9}, r) },
		"SG(.01)": func(r float64) float64 { return amp.DenoiserMSE(amp.SparseGaussian{P: 0.01}, r) },
		"steps":   steps,
	} {
		for _, rate := range []float64{0.003, 0.1, 0.25, 0.45, 0.8, 1.3} {
			t.Run(fmt.Sprintf("%s/r=%g", name, rate), func(t *testing.T) {
				t.Parallel()
				got := amp.TimeShare(curve, rate)
				mse, best := densest(curve, rate)
				if got.MSE > mse+1e-7 || got.MSE < mse-4e-3*(1-mse) || math.Abs(got.Rate-best) > 0.03*best {
					t.Errorf("%.9f at r* = %.5f; the scan has %.9f at %.5f", got.MSE, got.Rate, mse, best)
				}
			})
		}
	}
}

// The envelope is at most the curve, convex, and 1 at rate 0: it lies on or above its chords.
func TestTimeShareIsConvex(t *testing.T) {
	t.Parallel()
	law := amp.SparseLaplace{P: 0.2}
	var before []float64
	for _, rate := range []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6} {
		share := amp.RIGAMPShare(law, rate, 2)
		trajectory, err := amp.StateEvolution(law, rate, nil)
		if err != nil {
			t.Fatal(err)
		}
		if share.MSE > trajectory.After(2)+1e-12 {
			t.Errorf("r = %g: %g is above the curve's %g", rate, share.MSE, trajectory.After(2))
		}
		before = append(before, share.MSE)
	}
	for i := 1; i+1 < len(before); i++ {
		if before[i] > (before[i-1]+before[i+1])/2+1e-9 {
			t.Errorf("%v is not convex", before)
		}
	}
}

// The linear decoder gains nothing, and Gaussian data neither.
func TestTimeShareOfALine(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{1e-6, 0.1, 0.5, 1, 1.5} {
		for what, got := range map[string]amp.Share{
			"linear": amp.TimeShare(amp.RGauss, rate), "Gaussian": amp.DenoiserShare(amp.Gaussian{}, rate), "Bayes": amp.BayesShare(amp.Gaussian{}, rate),
		} {
			if got.Rate != rate {
				t.Errorf("%s, r = %g: r* = %g", what, rate, got.Rate)
			}
		}
		checkAbsolute(t, "linear", amp.TimeShare(amp.RGauss, rate).MSE, amp.RGauss(rate), 1e-15)
	}
	if got := amp.TimeShare(amp.RGauss, -1); !math.IsNaN(got.MSE) {
		t.Errorf("a negative rate: %v", got)
	}
}

// Below r_IT = 1.1010 of SR(1) the best Bayes decoder shares the time of a code that determines the data: at r = 1 its error is
// 1 − 1/r_IT, where the Haar encoder's is .2518.
func TestTimeShareOfAHardPhase(t *testing.T) {
	t.Parallel()
	law := amp.SparseRademacher{P: 1}
	rateIT, _ := amp.RateIT(law)
	share := amp.BayesShare(law, 1)
	checkAbsolute(t, "bayes", share.MSE, 1-1/rateIT, 1e-9)
	checkAbsolute(t, "r*", share.Rate, rateIT, 1e-9)
}

// Limits remembers r*: every point of a rising curve against a search of its own.
func TestLimitsRemember(t *testing.T) {
	t.Parallel()
	for _, law := range []amp.Prior{amp.SparseGaussian{P: 0.2}, amp.SparseRademacher{P: 1}} {
		limits, err := amp.NewLimits(law, &amp.Settings{Iterations: 2, Dim: 200})
		if err != nil {
			t.Fatal(err)
		}
		for _, rate := range []float64{0.2, 0.3, 0.6, 1, 1.15, 0.25} {
			p, err := amp.PredictPrior(law, rate, nil)
			if err != nil {
				t.Fatal(err)
			}
			limits.Complete(p)
			what := fmt.Sprintf("%v, r = %g", law, rate)
			checkAbsolute(t, what+": denoiser", p.TimeSharing.Denoiser, amp.DenoiserShare(law, rate).MSE, 1e-7)
			checkAbsolute(t, what+": RI-GAMP", p.TimeSharing.RIGAMP[1], amp.RIGAMPShare(law, rate, 2).MSE, 1e-7)
			checkAbsolute(t, what+": Bayes", p.TimeSharing.Bayes, amp.BayesShare(law, rate).MSE, 1e-7)
			finite, err := amp.FiniteDenoiserShare(law, rate, 200)
			if err != nil {
				t.Fatal(err)
			}
			checkAbsolute(t, what+": d = 200", *p.TimeSharing.DenoiserFinite, finite, 1e-6)
			if ordered := p.TimeSharing.Bayes <= p.TimeSharing.AMP+1e-9 && p.TimeSharing.AMP <= p.TimeSharing.RIGAMP[1]+1e-9; !ordered {
				t.Errorf("%s: %+v is out of order", what, p.TimeSharing)
			}
		}
	}
}

// A time-sharing encoder as it is: Haar on 97 of 200 coordinates, the denoiser of the limit, sparse Gaussian data, p = .2, r = .25. The
// limit is .7751 and the correction .0094; the Haar encoder on all coordinates has .8020.
func TestFiniteDenoiserShareAgainstSimulation(t *testing.T) {
	t.Parallel()
	const n, served, d, draws, inputs = 50, 97, 200, 40, 400
	law := amp.SparseGaussian{P: 0.2}
	r := rand.New(rand.NewPCG(1, 2))
	var sum, square float64
	for range draws {
		mse := sharedError(t, law, n, served, d, inputs, r)
		sum += mse / draws
		square += mse * mse / draws
	}
	stderr := math.Sqrt((square - sum*sum) / (draws - 1))
	want, err := amp.FiniteDenoiserShare(law, 0.25, d)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(sum-want) > 4*stderr+6e-4 { // 6 % of the correction: its second order
		t.Errorf("simulated %.5f ± %.5f, predicted %.5f", sum, stderr, want)
	}
}

// sharedError is the error of one encoder, with the energy of its coordinates as control variate.
func sharedError(t *testing.T, law amp.Prior, n, served, d, inputs int, r *rand.Rand) float64 {
	t.Helper()
	b, err := amp.Haar(n, served, r)
	if err != nil {
		t.Fatal(err)
	}
	op, err := amp.NewDense(b)
	if err != nil {
		t.Fatal(err)
	}
	f := amp.Denoiser(law, float64(n)/float64(served))
	x, u, y := make([]float64, served), make([]float64, served), make([]float64, n)
	total := 0.0
	for range inputs {
		for j := range x {
			x[j] = law.Sample(r)
		}
		op.Apply(y, x)
		for i, z := range y {
			y[i] = math.Copysign(1, z)
		}
		op.ApplyTransposed(u, y)
		for j, v := range x {
			mean, _ := f(u[j])
			total += (v-mean)*(v-mean) - v*v
		}
	}
	return 1 + total/float64(inputs*d)
}

// Where the expansion of the served coordinates does not hold the error says so.
func TestFiniteDenoiserShareRefuses(t *testing.T) {
	t.Parallel()
	var domain *amp.DomainError
	for what, c := range map[string]struct {
		law  amp.Prior
		rate float64
		d    int
	}{
		"E x⁴ = 15 over 9.7 coordinates": {amp.SparseGaussian{P: 0.2}, 0.05, 100},
		"no Law":                         {spiky{0.2}, 0.25, 1000},
		"rate":                           {amp.SparseGaussian{P: 0.2}, 0, 1000},
	} {
		if mse, err := amp.FiniteDenoiserShare(c.law, c.rate, c.d); !errors.As(err, &domain) {
			t.Errorf("%s: %g, %v", what, mse, err)
		}
	}
}
