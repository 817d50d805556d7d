package amp_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"autoamp/amp"
)

// smallP is a logarithmic grid over all positive float64 up to 1, denormals included.
func smallP() []float64 {
	grid := []float64{5e-324, 1e-310, math.Nextafter(amp.MinP, 0), amp.MinP, 1 - 0x1p-53, 1}
	for e := -300.0; e < 0; {
		grid = append(grid, math.Pow(10, e))
		switch {
		case e < -20:
			e += 20
		case e < -8:
			e++
		default:
			e += 0.5
		}
	}
	slices.Sort(grid)
	return grid
}

// mixtureMeans are from sparse Gaussian to sparse Rademacher, m at its bound on both sides of rounding.
func mixtureMeans(name string, p float64) []float64 {
	if name != "sparse-mixture" {
		return []float64{1}
	}
	bound := 1 / math.Sqrt(p)
	means := []float64{0, 1e-3, bound / 2, bound * (1 - 1e-9), bound, math.Nextafter(bound, math.Inf(1))}
	if p <= 1 {
		means = append(means, 1)
	}
	return means
}

// smallRates are four a decade from 1e-3 to 1e3, or two for mixtures, which have seven means at every p.
func smallRates(name string) []float64 {
	perDecade := 4
	if name == "sparse-mixture" {
		perDecade = 2
	}
	var rates []float64
	for i := range 6*perDecade + 1 {
		rates = append(rates, math.Pow(10, -3+float64(i)/float64(perDecade)))
	}
	return rates
}

// slack is what is neglected of an error of 0 and what quadrature leaves, twice.
const slack = 2e-12

// Every number of a prediction is finite, in [0, 1], not larger at a larger rate, and no better decoder is worse; a p
// that the theory does not take is refused by name.
func TestPredictionsForAllP(t *testing.T) {
	for _, name := range amp.PriorNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			points, laws, refused := 0, 0, 0
			for _, p := range smallP() {
				for _, m := range mixtureMeans(name, p) {
					at := checkRates(t, name, p, m, laws)
					laws++
					if points += at; at == 0 {
						refused++
					}
				}
			}
			t.Logf("%d points, %d laws refused", points, refused)
		})
	}
}

// checkRates checks the predictions for one law, the law-th, at all rates and counts them; a law that is refused has none.
func checkRates(t *testing.T, name string, p, m float64, law int) (points int) {
	t.Helper()
	before := &amp.Prediction{Gaussian: 1, Denoiser: 1, Bayes: 1, RIGAMP: []float64{1, 1, 1, 1, 1}}
	rates := smallRates(name)
	for i, rate := range rates {
		what := fmt.Sprintf("%s, p = %g, m = %g, r = %g", name, p, m, rate)
		now, err := predictSmall(amp.Point{Data: name, P: p, MixtureMean: m, Rate: rate}, i == law%len(rates))
		if refusedByName(t, what, p, m, err) {
			return points
		}
		points++
		checkPrediction(t, what, now, before)
		before = now
	}
	return points
}

// predictSmall is the prediction with the critical p, which take a third of its time, or without. They are the same for every law of a
// name, so that each rate has them for a law or two.
func predictSmall(at amp.Point, critical bool) (*amp.Prediction, error) {
	settings := &amp.Settings{Dim: 100}
	if critical {
		return amp.Predict(at, settings)
	}
	law, err := amp.NewPrior(at.Data, at.P, at.MixtureMean)
	if err != nil {
		return nil, err
	}
	return amp.PredictPrior(law, at.Rate, settings)
}

// refusedByName reports whether there is no prediction, and that this is right and said.
func refusedByName(t *testing.T, what string, p, m float64, err error) bool {
	t.Helper()
	var domain *amp.DomainError
	switch {
	case err == nil && p < amp.MinP && !strings.HasPrefix(what, "gaussian"):
		t.Errorf("%s: not refused", what)
	case err == nil:
		return false
	case !errors.As(err, &domain) || p >= amp.MinP && m*m*p <= 1:
		t.Errorf("%s: %v", what, err)
	case p < amp.MinP && (domain.Field != "p" || !strings.Contains(err.Error(), "1e-200")):
		t.Errorf("%s: %v does not name p and the least p", what, err)
	}
	return true
}

// checkPrediction checks one point and that it is not worse than the one at a smaller rate.
func checkPrediction(t *testing.T, what string, now, before *amp.Prediction) {
	t.Helper()
	better := append([]float64{now.Gaussian, now.Denoiser}, append(slices.Clone(now.RIGAMP), now.Bayes)...)
	earlier := append([]float64{before.Gaussian, before.Denoiser}, append(slices.Clone(before.RIGAMP), before.Bayes)...)
	for i, x := range better {
		if !(x >= 0 && x <= 1) || x > earlier[i]+slack || i > 0 && x > better[i-1]+slack {
			t.Errorf("%s: error %d of %v, %v at the rate before", what, i, better, earlier)
		}
	}
	for i, x := range []*float64{now.Identity, now.Chain, now.CriticalP, now.CriticalDenoiser} {
		if x != nil && !(*x >= 0 && *x <= 1) {
			t.Errorf("%s: value %d = %g", what, i, *x)
		}
	}
	for i, pair := range [][2]*float64{{now.Identity, before.Identity}, {now.Chain, before.Chain}, {now.Chain, now.Identity}} {
		if pair[0] != nil && pair[1] != nil && *pair[0] > *pair[1]+slack {
			t.Errorf("%s: pair %d: %g > %g", what, i, *pair[0], *pair[1])
		}
	}
	checkFiniteDim(t, what, now)
	if _, err := json.Marshal(now); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// checkFiniteDim checks that errors at finite d are errors, or are left out with a reason.
func checkFiniteDim(t *testing.T, what string, p *amp.Prediction) {
	t.Helper()
	f := p.FiniteDim
	if whole := f != nil && f.Denoiser != nil; whole != (p.FiniteDimNote == "") {
		t.Errorf("%s: finite d %+v, note %q", what, f, p.FiniteDimNote)
	}
	if f == nil {
		return
	}
	if !(f.Linear >= 0 && f.Linear <= 1) || f.Denoiser != nil && !(*f.Denoiser >= 0 && *f.Denoiser <= f.Linear+1e-9) {
		t.Errorf("%s: finite d: %+v", what, f)
	}
}

// The chain encoder as p → 0: E|x|² = c·p, and 1 − q² = p(2 − p).
func TestChainAtSmallP(t *testing.T) {
	for name, c := range map[string]float64{
		"sparse-gaussian": 2 / math.Pi, "sparse-rademacher": 1, "sparse-laplace": 0.5, "sparse-uniform": 0.75, "sparse-mixture": 2 / math.Pi,
	} {
		for _, p := range []float64{1e-12, 1e-16, 1e-17, 1e-100, amp.MinP} {
			for _, rate := range []float64{0.25, 1} {
				got, ok := amp.ChainMSE(mustPrior(t, name, p, 1), rate)
				if !ok || math.Abs(got-(1-rate*c/2)) > 1e-9 {
					t.Errorf("%s, p = %g, r = %g: %.12f, want %.12f", name, p, rate, got, 1-rate*c/2)
				}
			}
		}
	}
	sparse, _ := amp.ChainMSE(amp.SparseGaussian{P: 1e-17}, 1)
	if text := fmt.Sprintf("%.6f", sparse); text != "0.681690" {
		t.Error(text)
	}
}

// What is not part of a prediction: two iterations in closed form, VAMP's recursion, samples, posterior means.
func TestOtherTheoryAtSmallP(t *testing.T) {
	for _, name := range amp.PriorNames()[1:] {
		for _, p := range []float64{amp.MinP, 1e-100, 1e-17, 1e-12, 1e-9, 1e-6, 1e-3} {
			law := mustPrior(t, name, p, 1)
			for _, rate := range []float64{1e-3, 0.5, 1, 30, 1e3} {
				what := fmt.Sprintf("%s, p = %g, r = %g", name, p, rate)
				two, err := amp.RIGAMPTwo(law, rate)
				if err != nil || !(two.MSE2 >= 0 && two.MSE2 <= two.MSE1+slack && two.MSE1 <= 1 && two.MSE2Only >= 0 && two.MSE2Only <= 1) {
					t.Errorf("%s: two iterations %+v, %v", what, two, err)
				}
				vamp, err := amp.VAMPStateEvolution(law, rate, rankDeficient(rate), nil)
				if err != nil || !(vamp.Final() >= 0 && vamp.Final() <= 1) {
					t.Errorf("%s: VAMP %+v, %v", what, vamp, err)
				}
				for _, y := range []float64{0, 1e-300, 1, 30, 1 / math.Sqrt(p), 13 / math.Sqrt(p)} {
					mean, variance := law.PosteriorMean(y, 1/rate), law.PosteriorVariance(y, 1/rate)
					if !(mean >= 0 && mean <= math.Max(y, 1/math.Sqrt(p))*(1+1e-12)) || !(variance >= 0) || math.IsInf(variance, 1) {
						t.Errorf("%s: posterior at y = %g: mean %g, variance %g", what, y, mean, variance)
					}
				}
			}
		}
	}
	var domain *amp.DomainError
	if _, err := amp.NewRIGAMPSamples(amp.SparseGaussian{P: 1e-9}, 1, 1000, 1); !errors.As(err, &domain) {
		t.Errorf("samples of 0 only: %v", err)
	}
}

// rankDeficient is a spectrum of two values, not flat, and of n − d zeros for r > 1.
func rankDeficient(rate float64) []float64 {
	if rate <= 1 {
		return []float64{1.5, 0.5}
	}
	spectrum := make([]float64, 2*int(rate))
	spectrum[0], spectrum[1] = 1.5*rate, 0.5*rate
	return spectrum
}

// MMSE of a sparse Gaussian coordinate against panels that know where the spike ends: width s up to 60·s, then a factor
// of 1.5. Absolute error as stated, 1e-12.
func TestMMSEAtSmallP(t *testing.T) {
	for _, p := range []float64{1e-40, 1e-25, 1e-16, 1e-12, 1e-9, 1e-7, 1e-5, 1e-3} {
		for _, s := range []float64{0.024, 0.75, 40} {
			law := amp.SparseGaussian{P: p}
			integrand := func(y float64) float64 { return 2 * law.Evidence(y, s*s) * law.PosteriorVariance(y, s*s) }
			want, end := 0.0, 13*math.Sqrt(1/p+s*s)
			for a, b := 0.0, s/4; a < end; a, b = b, math.Max(b+s/4, math.Min(1.05*b, b+0.25/math.Sqrt(p))) {
				want += simpson(integrand, a, math.Min(b, end))
			}
			checkAbsolute(t, fmt.Sprintf("MMSE, p = %g, s = %g", p, s), law.MMSE(s*s), want, 1e-12+1e-10*want)
		}
	}
}

// simpson is the composite rule with 64 intervals.
func simpson(f func(float64) float64, a, b float64) float64 {
	const intervals = 64
	h, sum := (b-a)/intervals, f(a)+f(b)
	for i := 1; i < intervals; i++ {
		sum += float64(2+2*(i%2)) * f(a+float64(i)*h)
	}
	return sum * h / 3
}

// The law of masked samples is that of the samples with the mask's zeros written out, which it was until p made them
// too many; at every p it is a law.
func TestMaskedEmpirical(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	samples := make([]float64, 6000)
	for i := range samples {
		if i%5 > 0 { // some zeros of its own
			samples[i] = r.ExpFloat64() - 0.7
		}
	}
	for _, p := range []float64{1, 0.5, 0.25, 0.0625} {
		expanded := make([]float64, int(float64(len(samples))/p))
		for i, x := range samples {
			expanded[i] = x / math.Sqrt(p)
		}
		compareLaws(t, p, maskedLaw(t, samples, p), mustEmpirical(t, expanded))
	}
	before := &amp.Prediction{Gaussian: 1, Denoiser: 1, Bayes: 1, RIGAMP: []float64{1, 1, 1, 1, 1}}
	for _, p := range []float64{amp.MinP, 1e-100, 1e-17, 1e-12, 1e-6, 1e-3, 0.03} {
		for _, rate := range []float64{1e-3, 0.1, 1, 30, 1e3} {
			now, err := amp.PredictPrior(maskedLaw(t, samples[:1000], p), rate, &amp.Settings{Dim: 100})
			if err != nil {
				t.Fatal(err)
			}
			if rate == 1e-3 {
				before = &amp.Prediction{Gaussian: 1, Denoiser: 1, Bayes: 1, RIGAMP: []float64{1, 1, 1, 1, 1}}
			}
			checkPrediction(t, fmt.Sprintf("masked samples, p = %g, r = %g", p, rate), now, before)
			before = now
		}
	}
	var domain *amp.DomainError
	if _, err := amp.NewMaskedEmpirical(samples, 1e-201, 0); !errors.As(err, &domain) || domain.Field != "p" {
		t.Error(err)
	}
}

func maskedLaw(t *testing.T, samples []float64, p float64) *amp.Empirical {
	t.Helper()
	law, err := amp.NewMaskedEmpirical(samples, p, 0)
	if err != nil {
		t.Fatal(err)
	}
	return law
}

func mustEmpirical(t *testing.T, samples []float64) *amp.Empirical {
	t.Helper()
	law, err := amp.NewEmpirical(samples, 0)
	if err != nil {
		t.Fatal(err)
	}
	return law
}

// compareLaws to rounding.
func compareLaws(t *testing.T, p float64, got, want *amp.Empirical) {
	t.Helper()
	what := fmt.Sprintf("p = %g: ", p)
	checkRelative(t, what+"scale", got.Scale(), want.Scale(), 1e-13)
	checkRelative(t, what+"E|x|", got.AbsMean(), want.AbsMean(), 1e-12)
	checkRelative(t, what+"E x⁴", got.FourthMoment(), want.FourthMoment(), 1e-12)
	for _, s2 := range []float64{0.01, 0.5, 30} {
		checkRelative(t, what+"MMSE", got.MMSE(s2), want.MMSE(s2), 1e-12)
		for _, y := range []float64{-2, 0, 0.3, 5} {
			checkAbsolute(t, what+"posterior mean", got.PosteriorMean(y, s2), want.PosteriorMean(y, s2), 1e-11)
		}
	}
}

// A masked law at p = 1e-3 is near the same law from many samples: thirty-two bins are enough for the law's shape.
func TestMaskedEmpiricalIsTheSparseLaw(t *testing.T) {
	samples := make([]float64, 1<<16)
	for i := range samples {
		samples[i] = math.Sqrt2 * math.Erfinv((2*float64(i)+1)/float64(len(samples))-1)
	}
	for _, p := range []float64{1e-1, 1e-2, 1e-3, 1e-5} {
		law := maskedLaw(t, samples, p)
		for _, rate := range []float64{0.1, 1} {
			got, want := amp.DenoiserMSE(law, rate), amp.DenoiserMSE(amp.SparseGaussian{P: p}, rate)
			t.Logf("p = %g, r = %g: %.6g, sparse Gaussian %.6g", p, rate, got, want)
			checkRelative(t, "denoiser", got, want, 0.03)
		}
	}
}

// Rows of which a mask leaves next to nothing: errors of RowLaw at every rate are errors, and not larger at a larger rate.
func TestRowLawAtSmallP(t *testing.T) {
	for _, dim := range []int{4, 64} {
		for _, p := range []float64{0.05, 1e-3} {
			r := rand.New(rand.NewPCG(8, 9))
			law, err := amp.NewRowLaw(func(yield func([]float64) bool) {
				row := make([]float64, dim)
				for range 1 << 18 / dim {
					for j := range row {
						row[j] = 0
						if r.Float64() < p {
							row[j] = r.NormFloat64() / math.Sqrt(p)
						}
					}
					if !yield(row) {
						return
					}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			linear, denoiser := 1.0, 1.0
			for _, rate := range []float64{1e-3, 0.1, 0.5, 1, 2, 30, 1e3} {
				l, d := law.LinearMSE(rate), law.DenoiserMSE(rate)
				if !(l >= 0 && l <= linear+slack && d >= 0 && d <= denoiser+1e-9) {
					t.Errorf("d = %d, p = %g, r = %g: linear %g, denoiser %g, after %g, %g", dim, p, rate, l, d, linear, denoiser)
				}
				linear, denoiser = l, d
			}
			t.Logf("d = %d, p = %g, concentration %.4g: linear %.4g, denoiser %.4g at r = 1000", dim, p, law.Concentration(), linear, denoiser)
		}
	}
}
