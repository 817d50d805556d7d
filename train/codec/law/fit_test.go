package law_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"autoamp/amp"
	"autoamp/train/codec/law"
)

func sample(p amp.Prior, n int) []float64 {
	r := rand.New(rand.NewPCG(5, 6))
	z := make([]float64, n)
	for i := range z {
		z[i] = p.Sample(r)
	}
	return z
}

// Every law is recognised, with its parameters.
func TestFitFindsTheLaw(t *testing.T) {
	t.Parallel()
	names, err := law.ParseNames(law.Auto)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		p, mean float64
	}{
		{"gaussian", 1, 0}, {"sparse-gaussian", 0.2, 0}, {"sparse-rademacher", 0.3, 0}, {"sparse-rademacher", 1, 0},
		{"sparse-laplace", 0.5, 0}, {"sparse-laplace", 1, 0}, {"sparse-mixture", 0.5, 1.2}, {"sparse-uniform", 0.3, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			prior, err := amp.NewPrior(c.name, c.p, c.mean)
			if err != nil {
				t.Fatal(err)
			}
			got, err := law.Fit(names, sample(prior, 100_000))
			if err != nil {
				t.Fatal(err)
			}
			// The information in a blurred coordinate about p is at least a tenth of that in a coin.
			if limit := 5 * math.Sqrt(10*c.p/1e5); got.Name != c.name || math.Abs(got.P-c.p) > limit || math.Abs(got.Mean-c.mean) > 0.05 {
				t.Errorf("%v", got)
			}
			if got.Divergence > 1e-3 {
				t.Errorf("divergence %g", got.Divergence)
			}
		})
	}
}

// A sample of no law in the list gives the law of the sample; without that name, the nearest law and a divergence that says so.
func TestFitFallsBack(t *testing.T) {
	t.Parallel()
	z := sample(amp.SparseGaussian{P: 0.5}, 50_000)
	for i := range z {
		z[i] = (z[i]*z[i] - 1) / math.Sqrt(5) // E z⁴ = 6
	}
	names, _ := law.ParseNames(law.Auto)
	got, err := law.Fit(names, z)
	if err != nil || got.Name != law.Empirical || got.Divergence > 5e-3 {
		t.Errorf("%v, divergence %g, %v", got, got.Divergence, err)
	}
	stored, err := law.NewEmpirical(got.Components())
	if err != nil || stored.Prior().PosteriorMean(0.7, 0.5) != got.Prior().PosteriorMean(0.7, 0.5) {
		t.Errorf("the stored law is another: %v", err)
	}
	named, err := law.Fit([]string{"gaussian", "sparse-laplace"}, z)
	if err != nil || named.Name == law.Empirical || named.Divergence < 0.05 {
		t.Errorf("%v, divergence %g, %v", named, named.Divergence, err)
	}
	if _, err := law.Fit(names, nil); err == nil {
		t.Error("no sample is accepted")
	}
	for _, list := range []string{"", "laplace", "auto,gaussian"} {
		if _, err := law.ParseNames(list); err == nil {
			t.Errorf("law = %q is accepted", list)
		}
	}
}
