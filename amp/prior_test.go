package amp_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"autoamp/amp"
	"autoamp/amp/internal/special"
)

// fullPrior is what every law of the package offers beside amp.Prior.
type fullPrior interface {
	amp.Prior
	PosteriorVariance(y, sigma2 float64) float64
	Evidence(y, sigma2 float64) float64
}

// mustPrior builds a prior that is known to be valid.
func mustPrior(t testing.TB, name string, p, m float64) fullPrior {
	t.Helper()
	prior, err := amp.NewPrior(name, p, m)
	if err != nil {
		t.Fatal(err)
	}
	full, ok := prior.(fullPrior)
	if !ok {
		t.Fatalf("%T lacks PosteriorVariance or Evidence", prior)
	}
	return full
}

// laws is the table every test of all families runs over.
func laws(t testing.TB) map[string]fullPrior {
	t.Helper()
	table := map[string]fullPrior{}
	for _, name := range amp.PriorNames() {
		for _, p := range []float64{0.05, 0.2, 0.5, 0.9, 1} {
			table[fmt.Sprintf("%s/p=%g", name, p)] = mustPrior(t, name, p, 1)
		}
	}
	table["sparse-mixture/p=0.4/m=1.2"] = mustPrior(t, "sparse-mixture", 0.4, 1.2)
	table["empirical"] = empiricalLaw(t)
	return table
}

// empiricalLaw is skewed, with an atom at zero.
func empiricalLaw(t testing.TB) fullPrior {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	samples := make([]float64, 4000)
	for i := range samples {
		if r.Float64() < 0.7 {
			samples[i] = r.ExpFloat64() - 0.8
		}
	}
	law, err := amp.NewEmpirical(samples, 64)
	if err != nil {
		t.Fatal(err)
	}
	return law
}

// The values are direct Bayes integrals with mpmath at 40 digits.
func TestPosteriorAgainstBayesIntegral(t *testing.T) {
	for _, c := range []struct {
		name                                 string
		p, m, s, y, logEvidence, mean, varce float64
	}{
		{"sparse-gaussian", 0.1, 0, 0.05, 0.2, -4.1998495320465234, 0.16783414718440415, 0.0074880657056129151},
		{"sparse-gaussian", 0.001, 0, 0.4, 2, -11.024189916250371, 1.5442308957154886, 0.82685712897130061},
		{"sparse-gaussian", 0.5, 0, 5, 60, -69.921666005592439, 4.422256423743907, 1.9407279602997426},
		{"sparse-gaussian", 1e-6, 0, 1e-3, 0.006, -12.011118596343765, 3.9393434303383863e-7, 2.4291065977730198e-9},
		{"sparse-rademacher", 0.1, 0, 0.4, 1.5, -7.1281446611170566, 0.034949895398666576, 0.10929977825604721},
		{"sparse-rademacher", 1, 0, 1, 0.3, -1.4195977632787324, 0.29131261245159091, 0.9151369618266292},
		{"sparse-rademacher", 0.001, 0, 5, 17, -8.3071285501358999, 0.071020648064596397, 2.2408261554022},
		{"sparse-laplace", 0.1, 0, 0.05, 0.2, -3.7782982134657076, 0.1779256587728268, 0.0059652366916032064},
		{"sparse-laplace", 0.5, 0, 1, -2.5, -3.1819233512518275, -1.2395544986180368, 1.0975312006492486},
		{"sparse-laplace", 1, 0, 5, 3, -2.7208742854735492, 0.11013022653832496, 0.92832243463336567},
		{"sparse-laplace", 0.001, 0, 0.4, 60, -13.391328081752926, 59.992844582472001, 0.16},
		{"sparse-laplace", 0.5, 0, 30, 1, -4.3212447241481315, 0.0011043783307407781, 0.99394413794738566},
		{"sparse-laplace", 1, 0, 100, -40, -5.6041507149115942, -0.0039990323413020466, 0.99977407119248677},
		{"sparse-mixture", 0.5, 1, 0.4, 0.9, -1.887732191703505, 0.63876260771569281, 0.25476272493816349},
		{"sparse-mixture", 0.1, 1, 1, -3, -4.4239016541352191, -1.8210433218324949, 2.2603088854254512},
		{"sparse-mixture", 0.4, 1.2, 0.05, 1.3, -2.5117014133429011, 1.2994802078570506, 0.0024956432850164828},
	} {
		t.Run(fmt.Sprintf("%s/p=%g/s=%g/y=%g", c.name, c.p, c.s, c.y), func(t *testing.T) {
			law := mustPrior(t, c.name, c.p, c.m)
			s2 := c.s * c.s
			checkRelative(t, "log evidence", math.Log(law.Evidence(c.y, s2)), c.logEvidence, 1e-13)
			checkRelative(t, "mean", law.PosteriorMean(c.y, s2), c.mean, 1e-12)
			checkRelative(t, "variance", law.PosteriorVariance(c.y, s2), c.varce, 1e-12)
			checkRelative(t, "odd mean", law.PosteriorMean(-c.y, s2), -c.mean, 1e-12)
		})
	}
}

// checkRelative reports a relative error above tolerance.
func checkRelative(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if diff := math.Abs(got - want); !(diff <= tolerance*math.Abs(want)) {
		t.Errorf("%s = %.17g, want %.17g: relative error %.2g, tolerance %.2g", what, got, want, diff/math.Abs(want), tolerance)
	}
}

// checkAbsolute reports an absolute error above tolerance.
func checkAbsolute(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if diff := math.Abs(got - want); !(diff <= tolerance) {
		t.Errorf("%s = %.15g, want %.15g: error %.2g, tolerance %.2g", what, got, want, diff, tolerance)
	}
}

// The values are mpmath's at 25 digits, from formulas written separately.
func TestMMSE(t *testing.T) {
	for _, c := range []struct {
		name          string
		p, m, s, want float64
	}{
		{"sparse-gaussian", 0.4, 0, 0.6, 0.20117478869610424},
		{"sparse-gaussian", 0.001, 0, 0.05, 2.6461457201997124e-6},
		{"sparse-gaussian", 1e-6, 0, 1e-4, 1.0000123367417984e-14},
		{"sparse-gaussian", 0.1, 0, 5, 0.95530975933206937},
		{"sparse-rademacher", 0.3, 0, 0.5, 0.10372414828067348},
		{"sparse-rademacher", 1, 0, 0.75, 0.26646911321859549},
		{"sparse-rademacher", 0.001, 0, 8, 0.48042811885316303},
		{"sparse-laplace", 0.5, 0, 0.75, 0.27777655691392883},
		{"sparse-laplace", 1, 0, 0.05, 0.002488450288785055},
		{"sparse-laplace", 0.01, 0, 2, 0.10787969790681249},
		{"sparse-mixture", 0.5, 1, 0.75, 0.32843986403246169},
		{"sparse-mixture", 0.9, 1, 0.1, 0.0087953103621424456},
		{"sparse-mixture", 0.4, 1.2, 0.3, 0.052710061519633697},
	} {
		t.Run(fmt.Sprintf("%s/p=%g/s=%g", c.name, c.p, c.s), func(t *testing.T) {
			checkRelative(t, "MMSE", mustPrior(t, c.name, c.p, c.m).MMSE(c.s*c.s), c.want, 1e-11)
		})
	}
}

// For every law and y: dE[X|y]/dy = Var/σ², and (σ²)·d ln evidence/dy = E[X|y] − y (Tweedie). This ties mean, variance
// and evidence to each other by finite differences.
func TestPosteriorIdentities(t *testing.T) {
	for name, law := range laws(t) {
		t.Run(name, func(t *testing.T) {
			for _, s := range []float64{0.2, 0.75, 3} {
				for _, y := range []float64{-2.7, -0.4, 0.1, 1.3, 4} {
					s2, h := s*s, 1e-4*s
					slope := (law.PosteriorMean(y+h, s2) - law.PosteriorMean(y-h, s2)) / (2 * h)
					checkAbsolute(t, "slope", slope, law.PosteriorVariance(y, s2)/s2, 1e-5*(1+slope*slope*slope))
					score := math.Log(law.Evidence(y+h, s2)/law.Evidence(y-h, s2)) / (2 * h)
					checkAbsolute(t, "score", s2*score, law.PosteriorMean(y, s2)-y, 1e-4*(1+slope*slope))
				}
			}
		})
	}
}

// Simulation: moments of the samples, the posterior mean's error, and its orthogonality E[(X − f)f] = 0, at 4 standard errors.
func TestSamplesAgreeWithPosterior(t *testing.T) {
	const n = 200_000
	for name, law := range laws(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(3, 4))
			const s2 = 0.5
			var abs, square, fourth, loss, cross mean
			for range n {
				x := law.Sample(r)
				f := law.PosteriorMean(x+math.Sqrt(s2)*r.NormFloat64(), s2)
				abs.add(math.Abs(x))
				square.add(x * x)
				fourth.add(x * x * x * x)
				loss.add((x - f) * (x - f))
				cross.add((x - f) * f)
			}
			binning := 0.0 // the empirical law smooths its bins
			if name == "empirical" {
				binning = 0.02
			}
			abs.check(t, "E|X|", law.AbsMean(), binning)
			square.check(t, "EX²", 1, binning)
			fourth.check(t, "EX⁴", law.FourthMoment(), binning*law.FourthMoment())
			loss.check(t, "MMSE", law.MMSE(s2), 0)
			cross.check(t, "orthogonality", 0, 0)
		})
	}
}

// mean accumulates a sample mean and its standard error.
type mean struct {
	n, sum, square float64
}

func (m *mean) add(x float64) {
	m.n++
	m.sum += x
	m.square += x * x
}

// value returns mean and standard error.
func (m *mean) value() (value, stderr float64) {
	value = m.sum / m.n
	return value, math.Sqrt(math.Max(0, m.square/m.n-value*value) / m.n)
}

// check accepts four standard errors plus an allowance.
func (m *mean) check(t *testing.T, what string, want, allowance float64) {
	t.Helper()
	got, stderr := m.value()
	if math.Abs(got-want) > 4*stderr+allowance+1e-12 {
		t.Errorf("%s = %.6g ± %.2g, want %.6g", what, got, stderr, want)
	}
}

// Nothing may overflow or become NaN for p from 1e-6 to 1 and σ from 1e-8 to 1e8, and 0 ≤ MMSE ≤ min(1, σ²).
func TestStability(t *testing.T) {
	for _, name := range amp.PriorNames() {
		for _, p := range []float64{1e-6, 1e-3, 0.5, 1 - 1e-12, 1} {
			law := mustPrior(t, name, p, 1)
			for s := 1e-8; s < 2e8; s *= 10 {
				s2 := s * s
				mmse := law.MMSE(s2)
				if !(mmse >= 0 && mmse <= math.Min(1, s2)*(1+1e-9)) {
					t.Errorf("%s p=%g σ=%g: MMSE = %g", name, p, s, mmse)
				}
				for _, z := range []float64{0, 1e-12, 0.1, 1, 5, 13, 40, 1e4} {
					for _, y := range []float64{z * s, z / math.Sqrt(p), -z * s} {
						f, v, e := law.PosteriorMean(y, s2), law.PosteriorVariance(y, s2), law.Evidence(y, s2)
						if math.IsNaN(f+v+e) || math.IsInf(f+v+e, 0) || v < 0 || e < 0 || f*y < 0 || math.Abs(f) > math.Abs(y)+100/math.Sqrt(p) {
							t.Fatalf("%s p=%g σ=%g y=%g: mean %g variance %g evidence %g", name, p, s, y, f, v, e)
						}
					}
				}
			}
		}
	}
}

// The edges of the domain, documented at Prior.
func TestPriorEdges(t *testing.T) {
	for name, law := range laws(t) {
		t.Run(name, func(t *testing.T) {
			checkAbsolute(t, "mean at σ = 0", law.PosteriorMean(0.3, 0), 0.3, 0)
			checkAbsolute(t, "variance at σ = 0", law.PosteriorVariance(0.3, 0), 0, 0)
			checkAbsolute(t, "MMSE at σ = 0", law.MMSE(0), 0, 0)
			for what, x := range map[string]float64{
				"y = NaN": law.PosteriorMean(math.NaN(), 1), "σ² < 0": law.PosteriorMean(1, -1),
				"σ² = NaN": law.PosteriorVariance(1, math.NaN()), "MMSE of σ² < 0": law.MMSE(-1),
			} {
				if !math.IsNaN(x) {
					t.Errorf("%s: got %g, want NaN", what, x)
				}
			}
		})
	}
}

func TestInvalidPriorsGiveNaN(t *testing.T) {
	for _, law := range []amp.Prior{
		amp.SparseGaussian{}, amp.SparseGaussian{P: 2}, amp.SparseRademacher{P: -1}, amp.SparseLaplace{},
		amp.SparseLaplace{P: math.NaN()}, amp.SparseUniform{}, amp.SparseUniform{P: 1.5}, amp.SparseMixture{P: 0.5, Mean: 3}, amp.SparseMixture{},
	} {
		if x := law.PosteriorMean(0.5, 1); !math.IsNaN(x) {
			t.Errorf("%#v: mean %g, want NaN", law, x)
		}
		if x := law.MMSE(1); !math.IsNaN(x) {
			t.Errorf("%#v: MMSE %g, want NaN", law, x)
		}
	}
}

func TestNewPriorErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		p, m   float64
		field  string
		phrase string
	}{
		{"sparse-gaussian", 0, 1, "p", "p = 0: must be in (0, 1]"},
		{"sparse-laplace", 1.5, 1, "p", "p = 1.5: must be in (0, 1]"},
		{"sparse-rademacher", math.NaN(), 1, "p", "must be in (0, 1]"},
		{"sparse-mixture", 0.9, 1.2, "mixture_mean", "must be between 0 and 1/√p"},
		{"sparse-mixture", 0.9, -1, "mixture_mean", "must be between 0 and 1/√p"},
	} {
		_, err := amp.NewPrior(c.name, c.p, c.m)
		var domain *amp.DomainError
		if !errors.As(err, &domain) || domain.Field != c.field || !strings.Contains(err.Error(), c.phrase) {
			t.Errorf("%s p=%g m=%g: %v", c.name, c.p, c.m, err)
		}
	}
	if _, err := amp.NewPrior("laplace", 1, 1); !errors.Is(err, amp.ErrUnknownPrior) || !strings.Contains(err.Error(), "sparse-laplace") {
		t.Errorf("unknown name: %v", err)
	}
}

// SparseMixture contains the other two families.
func TestMixtureLimits(t *testing.T) {
	for _, c := range []struct{ a, b amp.Prior }{
		{amp.SparseMixture{P: 0.3}, amp.SparseGaussian{P: 0.3}},
		{amp.SparseMixture{P: 0.25, Mean: 2}, amp.SparseRademacher{P: 0.25}},
		{amp.SparseGaussian{P: 1}, amp.Gaussian{}},
		{amp.SparseMixture{P: 1, Mean: 1}, amp.SparseRademacher{P: 1}},
	} {
		for _, y := range []float64{0, 0.3, -1.7} {
			checkAbsolute(t, "mean", c.a.PosteriorMean(y, 0.4), c.b.PosteriorMean(y, 0.4), 1e-14)
		}
		checkAbsolute(t, "MMSE", c.a.MMSE(0.4), c.b.MMSE(0.4), 1e-14)
		checkAbsolute(t, "E|X|", c.a.AbsMean(), c.b.AbsMean(), 1e-14)
		checkAbsolute(t, "EX⁴", c.a.FourthMoment(), c.b.FourthMoment(), 1e-13)
	}
}

// E|X| of the mixture in the paper's form, eq. (111): p·s·√(2/π)·₁F₁(−½; ½; −m²/2s²).
func TestMixtureAbsMeanByKummer(t *testing.T) {
	for _, p := range []float64{0.01, 0.3, 0.6, 0.8, 0.95, 0.99} {
		for _, m := range []float64{0, 0.5, 1} {
			v := 1/p - m*m
			want := p * math.Sqrt(2*v/math.Pi) * special.Kummer1F1(-0.5, 0.5, -m*m/(2*v))
			checkAbsolute(t, fmt.Sprintf("p=%g m=%g", p, m), amp.SparseMixture{P: p, Mean: m}.AbsMean(), want, 1e-12)
		}
	}
}

func TestEmpirical(t *testing.T) {
	law, err := amp.NewEmpirical([]float64{-2, 0, 0, 0, 0, 0, 2, 2, 0, -2}, 8)
	if err != nil {
		t.Fatal(err)
	}
	want := amp.SparseRademacher{P: 0.4}
	checkAbsolute(t, "scale", law.Scale(), 2*math.Sqrt(0.4), 1e-15)
	checkAbsolute(t, "E|X|", law.AbsMean(), want.AbsMean(), 1e-15)
	for _, s := range []float64{1e-4, 0.05, 0.5, 4, 1e3} {
		checkAbsolute(t, "MMSE", law.MMSE(s*s), want.MMSE(s*s), 1e-12)
		checkAbsolute(t, "mean", law.PosteriorMean(0.7, s*s), want.PosteriorMean(0.7, s*s), 1e-12)
	}
	for _, bad := range [][]float64{nil, {0, 0}, {1, math.NaN()}, {math.Inf(1)}} {
		var domain *amp.DomainError
		if _, err := amp.NewEmpirical(bad, 0); !errors.As(err, &domain) {
			t.Errorf("%v: error %v", bad, err)
		}
	}
	if _, err := amp.NewEmpirical([]float64{1}, -1); err == nil {
		t.Error("bins = -1: want an error")
	}
}

// A law learned from many samples predicts what the law itself does.
func TestEmpiricalApproachesLaw(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	law := amp.SparseLaplace{P: 0.5}
	samples := make([]float64, 400_000)
	for i := range samples {
		samples[i] = law.Sample(r)
	}
	learned, err := amp.NewEmpirical(samples, 0)
	if err != nil {
		t.Fatal(err)
	}
	// Standard error of the learned MMSE: about √(m₄/N)·mmse = 2e-3.
	checkAbsolute(t, "denoiser", amp.DenoiserMSE(learned, 1), amp.DenoiserMSE(law, 1), 4e-3)
}

// The same prior may be used by many goroutines (go test -race).
func TestConcurrentUse(t *testing.T) {
	table := laws(t)
	var group sync.WaitGroup
	for _, law := range table {
		for range 2 {
			group.Go(func() {
				if _, err := amp.StateEvolution(law, 0.5, &amp.Settings{MaxPasses: 3}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	group.Wait()
}
