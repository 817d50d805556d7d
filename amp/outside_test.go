package amp_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"autoamp/amp"
)

// spiky is sparse Gaussian data written outside the package, with the five methods of a Prior and no more: nothing of
// amp.SparseGaussian.
type spiky struct{ p float64 }

// odds of a zero, given y.
func (s spiky) odds(y, sigma2 float64) float64 {
	total := 1/s.p + sigma2
	return (1 - s.p) / s.p * math.Sqrt(total/sigma2) * math.Exp(y*y/2*(1/total-1/sigma2))
}

func (s spiky) PosteriorMean(y, sigma2 float64) float64 {
	return y / (1 + s.p*sigma2) / (1 + s.odds(y, sigma2))
}

// MMSE is 1 − E E[X|Y]², by the trapezoidal rule in y, which is exact to rounding for analytic integrands.
func (s spiky) MMSE(sigma2 float64) float64 {
	total := 1/s.p + sigma2
	step := math.Sqrt(sigma2) / 24
	explained := 0.0
	for y := step; y < 12*math.Sqrt(total); y += step {
		mean := s.PosteriorMean(y, sigma2)
		density := s.p * math.Exp(-y*y/(2*total)) / math.Sqrt(2*math.Pi*total) * (1 + s.odds(y, sigma2))
		explained += 2 * step * density * mean * mean
	}
	return 1 - explained
}

func (s spiky) AbsMean() float64      { return math.Sqrt(2 * s.p / math.Pi) }
func (s spiky) FourthMoment() float64 { return 3 / s.p }

func (s spiky) Sample(r *rand.Rand) float64 { return amp.SparseGaussian{P: s.p}.Sample(r) }

// spikyLaw is the same law as a density and an atom.
func spikyLaw(t testing.TB, p float64) *amp.Law {
	t.Helper()
	sd := 1 / math.Sqrt(p)
	breaks := make([]float64, 9)
	for i := range breaks {
		breaks[i] = float64(2*i-8) * sd
	}
	density := func(x float64) float64 { return p * math.Exp(-p*x*x/2) / math.Sqrt(2*math.Pi) / sd }
	var atoms []amp.Atom
	if p < 1 {
		atoms = []amp.Atom{{X: 0, Weight: 1 - p}}
	}
	law, err := amp.NewLaw(density, breaks, atoms...)
	if err != nil {
		t.Fatal(err)
	}
	return law
}

// derived has a closed form of its own; the rest is its Law's.
type derived struct {
	*amp.Law
	own spiky
}

func (d derived) PosteriorMean(y, sigma2 float64) float64 { return d.own.PosteriorMean(y, sigma2) }

// outsideLaws are three ways to write a law, to be compared with the package's own.
func outsideLaws(t testing.TB, p float64) map[string]amp.Prior {
	return map[string]amp.Prior{"five methods": spiky{p}, "Law": spikyLaw(t, p), "embedded": derived{spikyLaw(t, p), spiky{p}}}
}

// outsideTolerance is what a law from outside may differ by; the laws' own errors are below 1e-11.
const outsideTolerance = 1e-9

func TestLawFromOutside(t *testing.T) {
	t.Parallel()
	const p = 0.3
	own := amp.SparseGaussian{P: p}
	for name, law := range outsideLaws(t, p) {
		for _, rate := range []float64{0.5, 1.5} {
			if name == "embedded" && rate > 1 {
				continue // its errors are those of the Law, which take seconds
			}
			t.Run(fmt.Sprintf("%s/r=%g", name, rate), func(t *testing.T) {
				t.Parallel()
				want, err := amp.PredictPrior(own, rate, &amp.Settings{Dim: 100})
				if err != nil {
					t.Fatal(err)
				}
				got, err := amp.PredictPrior(law, rate, &amp.Settings{Dim: 100})
				if err != nil {
					t.Fatal(err)
				}
				comparePredictions(t, name, got, want)
			})
		}
	}
}

func comparePredictions(t *testing.T, name string, got, want *amp.Prediction) {
	t.Helper()
	checkAbsolute(t, "denoiser", got.Denoiser, want.Denoiser, outsideTolerance)
	checkAbsolute(t, "bayes", got.Bayes, want.Bayes, outsideTolerance)
	for i := range want.RIGAMP {
		checkAbsolute(t, "rigamp", got.RIGAMP[i], want.RIGAMP[i], outsideTolerance)
	}
	checkAbsolute(t, "linear, d = 100", got.FiniteDim.Linear, want.FiniteDim.Linear, outsideTolerance)
	if want.Identity != nil {
		checkAbsolute(t, "identity", *got.Identity, *want.Identity, outsideTolerance)
	}
	if name == "five methods" {
		if got.FiniteDim.Denoiser != nil || !strings.Contains(got.FiniteDimNote, "embed a *Law") || got.Chain != nil {
			t.Errorf("finite d %v, note %q, chain %v: want what needs more than the five methods left out", got.FiniteDim.Denoiser, got.FiniteDimNote, got.Chain)
		}
		return
	}
	checkAbsolute(t, "denoiser, d = 100", *got.FiniteDim.Denoiser, *want.FiniteDim.Denoiser, outsideTolerance)
	if want.Chain != nil {
		checkAbsolute(t, "chain", *got.Chain, *want.Chain, outsideTolerance)
	}
}

// The algorithms on a matrix: the same estimates, coordinate by coordinate.
func TestAlgorithmsWithLawFromOutside(t *testing.T) {
	t.Parallel()
	const p, d = 0.3, 60
	own, r := amp.SparseGaussian{P: p}, rand.New(rand.NewPCG(3, 4))
	b, _ := amp.Haar(d, d, r)
	op, err := amp.NewDense(b)
	if err != nil {
		t.Fatal(err)
	}
	y := signs(op, unitEnergyInput(own, d, r), r)
	want := decodeBoth(t, op, y, own)
	for name, law := range outsideLaws(t, p) {
		for i, estimate := range decodeBoth(t, op, y, law) {
			for j := range estimate {
				checkAbsolute(t, fmt.Sprintf("%s %d[%d]", name, i, j), estimate[j], want[i][j], 1e-7) // a chaotic map on d = 60
			}
		}
	}
}

// decodeBoth returns RIGAMP's second estimate and VAMP's.
func decodeBoth(t *testing.T, op *amp.Dense, y []float64, law amp.Prior) [][]float64 {
	t.Helper()
	e, err := amp.RIGAMPStateEvolution(law, 1, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	f, g := e.Functions(law)
	x, err := amp.RIGAMP(op, y, nil, f, g)
	if err != nil {
		t.Fatal(err)
	}
	flat, err := amp.NewFlat(op)
	if err != nil {
		t.Fatal(err)
	}
	v, err := amp.VAMP(flat, y, law, &amp.Settings{MaxPasses: 5})
	if err != nil {
		t.Fatal(err)
	}
	return [][]float64{x[1], v.Estimate}
}

func TestLawPosterior(t *testing.T) {
	t.Parallel()
	for _, p := range []float64{0.1, 0.5, 1} {
		law, own := spikyLaw(t, p), mustPrior(t, "sparse-gaussian", p, 0)
		for _, s := range []float64{1e-3, 0.1, 1, 30} {
			for _, y := range []float64{0, 0.3 * s, -3 * s, 1, 5} {
				name := fmt.Sprintf("p=%g/s=%g/y=%g", p, s, y)
				checkAbsolute(t, name+" mean", law.PosteriorMean(y, s*s), own.PosteriorMean(y, s*s), 1e-10*s)
				checkRelative(t, name+" variance", law.PosteriorVariance(y, s*s), own.PosteriorVariance(y, s*s), 1e-9)
				checkRelative(t, name+" evidence", law.Evidence(y, s*s), own.Evidence(y, s*s), 1e-9)
			}
			checkAbsolute(t, fmt.Sprintf("p=%g/s=%g mmse", p, s), law.MMSE(s*s), own.MMSE(s*s), 1e-10)
		}
		checkRelative(t, "E|x|", law.AbsMean(), own.AbsMean(), 1e-12)
		checkRelative(t, "E x⁴", law.FourthMoment(), own.FourthMoment(), 1e-10)
	}
}

// The other laws as densities: a jump, a kink at 0, atoms alone.
func TestLawAgainstFamilies(t *testing.T) {
	t.Parallel()
	const p = 0.4
	lambda := math.Sqrt(2 * p)
	var breaks []float64
	for _, k := range []float64{-36, -24, -16, -8, -4, 0, 4, 8, 16, 24, 36} {
		breaks = append(breaks, k/lambda)
	}
	laplace, err := amp.NewLaw(func(x float64) float64 { return p * lambda / 2 * math.Exp(-lambda*math.Abs(x)) }, breaks, amp.Atom{X: 0, Weight: 1 - p})
	if err != nil {
		t.Fatal(err)
	}
	atoms, err := amp.NewLaw(nil, nil, amp.Atom{0, 1 - p}, amp.Atom{1 / math.Sqrt(p), p / 2}, amp.Atom{-1 / math.Sqrt(p), p / 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ law, own amp.Prior }{{laplace, amp.SparseLaplace{P: p}}, {atoms, amp.SparseRademacher{P: p}}} {
		got, err := amp.RIGAMPTwo(c.law, 1)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := amp.RIGAMPTwo(c.own, 1)
		checkAbsolute(t, fmt.Sprintf("%T, one iteration", c.own), got.MSE1, want.MSE1, outsideTolerance)
		checkAbsolute(t, fmt.Sprintf("%T, two iterations", c.own), got.MSE2, want.MSE2, outsideTolerance)
	}
}

// Samples have the law's moments, within 4 standard errors.
func TestLawSample(t *testing.T) {
	t.Parallel()
	law, r := spikyLaw(t, 0.4), rand.New(rand.NewPCG(5, 6))
	const count = 20000
	var abs, square float64
	for range count {
		x := law.Sample(r)
		abs += math.Abs(x) / count
		square += x * x / count
	}
	checkAbsolute(t, "E|x|", abs, law.AbsMean(), 4*math.Sqrt((1-law.AbsMean()*law.AbsMean())/count))
	checkAbsolute(t, "E x²", square, 1, 4*math.Sqrt((law.FourthMoment()-1)/count))
	checkAbsolute(t, "P(X ≠ 0)", law.NonZero(), 0.4, 1e-12)
}

func TestLawErrors(t *testing.T) {
	one := func(float64) float64 { return 0.5 }
	for name, make := range map[string]func() (*amp.Law, error){
		"empty":          func() (*amp.Law, error) { return amp.NewLaw(nil, nil) },
		"no breaks":      func() (*amp.Law, error) { return amp.NewLaw(one, nil) },
		"no density":     func() (*amp.Law, error) { return amp.NewLaw(nil, []float64{0, 1}) },
		"breaks descend": func() (*amp.Law, error) { return amp.NewLaw(one, []float64{1, -1}) },
		"infinite break": func() (*amp.Law, error) { return amp.NewLaw(one, []float64{0, math.Inf(1)}) },
		"second moment":  func() (*amp.Law, error) { return amp.NewLaw(one, []float64{-1, 1}) },
		"total": func() (*amp.Law, error) {
			return amp.NewLaw(nil, nil, amp.Atom{X: 1, Weight: 0.5}, amp.Atom{X: -2, Weight: 0.125})
		},
		"negative weight":  func() (*amp.Law, error) { return amp.NewLaw(nil, nil, amp.Atom{X: 1, Weight: -1}) },
		"negative density": func() (*amp.Law, error) { return amp.NewLaw(func(x float64) float64 { return x }, []float64{-1, 1}) },
		"density not known": func() (*amp.Law, error) {
			return amp.NewLaw(func(float64) float64 { return math.NaN() }, []float64{-1, 1})
		},
	} {
		var domain *amp.DomainError
		if law, err := make(); law != nil || !errors.As(err, &domain) {
			t.Errorf("%s: %v, %v; want a DomainError", name, law, err)
		}
	}
	var domain *amp.DomainError
	if _, err := amp.ThreeLayerDecoder(spiky{0.4}, 1); !errors.As(err, &domain) {
		t.Errorf("three layers of five methods: %v, want a DomainError", err)
	}
	if got := new(amp.Law).PosteriorMean(1, 1); !math.IsNaN(got) {
		t.Errorf("a Law that nobody made has the posterior mean %g, want NaN", got)
	}
}
