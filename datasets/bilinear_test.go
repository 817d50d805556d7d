package datasets_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"autoamp/datasets"
	"autoamp/kernels"
)

func bilinear(t *testing.T, name string, atoms, dim, support int, noise float64) *datasets.Bilinear {
	t.Helper()
	dictionary, err := datasets.Dictionary(atoms, dim, 7)
	if err != nil {
		t.Fatal(err)
	}
	law, err := datasets.NewCodeLaw(name, atoms, support, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return &datasets.Bilinear{Dictionary: dictionary, Atoms: atoms, Law: law, Noise: noise, Seed: 3}
}

// TestCodes checks the laws of codes by their counts and moments, each within 4 standard errors.
func TestCodes(t *testing.T) {
	t.Parallel()
	const batch, atoms = 20000, 13
	for _, c := range []struct {
		name               string
		support            int
		mean, second, kurt float64 // E x, E x², E x⁴ of an entry that is not zero
	}{
		{datasets.Mixture, 1, 1, 1, 1},
		{datasets.SparseCodes, 4, 0, 1, 1},
		{datasets.NonNegativeCodes, 13, 1.5, 7.0 / 3, 31.0 / 5},
		{datasets.NonNegativeCodes, 2, 1.5, 7.0 / 3, 31.0 / 5},
	} {
		b := bilinear(t, c.name, atoms, 5, c.support, 0)
		codes, err := b.FillCodes(make([]float32, batch*5), 1)
		if err != nil {
			t.Fatal(err)
		}
		counts := make([]float64, atoms)
		var sum, squares float64
		for i := range batch {
			nonzero := 0
			for k, x := range codes[i*atoms : (i+1)*atoms] {
				if x != 0 {
					nonzero++
					counts[k]++
				}
				sum += float64(x)
				squares += float64(x) * float64(x)
			}
			if nonzero != c.support {
				t.Fatalf("%s: code %d has %d entries, want %d", c.name, i, nonzero, c.support)
			}
		}
		share := float64(c.support) / atoms
		for k, n := range counts {
			if stderr := math.Sqrt(share * (1 - share) / batch); math.Abs(n/batch-share) > 4*stderr+1e-12 {
				t.Errorf("%s, k=%d: atom %d in a share of %g, want %g ± %g", c.name, c.support, k, n/batch, share, stderr)
			}
		}
		n := float64(batch * c.support)
		if stderr := math.Sqrt((c.second - c.mean*c.mean) / n); math.Abs(sum/n-c.mean) > 4*stderr+1e-9 {
			t.Errorf("%s: mean %g, want %g ± %g", c.name, sum/n, c.mean, stderr)
		}
		if stderr := math.Sqrt((c.kurt - c.second*c.second) / n); math.Abs(squares/n-c.second) > 4*stderr+1e-9 {
			t.Errorf("%s: second moment %g, want %g ± %g", c.name, squares/n, c.second, stderr)
		}
	}
}

// TestPairs checks that every pair of places is equally likely, not only every place: a chi-squared statistic with 9 degrees of
// freedom, whose 99.99 % quantile is 33.7.
func TestPairs(t *testing.T) {
	t.Parallel()
	const batch, atoms = 30000, 5
	b := bilinear(t, datasets.SparseCodes, atoms, 1, 2, 0)
	codes, err := b.FillCodes(make([]float32, batch), 0)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[int]float64{}
	for i := range batch {
		pair := 0
		for k, x := range codes[i*atoms : (i+1)*atoms] {
			if x != 0 {
				pair |= 1 << k
			}
		}
		counts[pair]++
	}
	var chi float64
	for _, n := range counts {
		chi += (n - batch/10) * (n - batch/10) / (batch / 10)
	}
	if len(counts) != 10 || chi > 33.7 {
		t.Errorf("%d pairs, chi-squared %g", len(counts), chi)
	}
}

// TestBilinear checks y − A*ᵀx*, which is the noise, and that a batch is a function of seed, stream and step.
func TestBilinear(t *testing.T) {
	t.Parallel()
	const batch, atoms, dim, noise = 500, 10, 40, 0.3
	b := bilinear(t, datasets.NonNegativeCodes, atoms, dim, 3, noise)
	y := make([]float32, batch*dim)
	codes, err := b.FillCodes(y, 5)
	if err != nil {
		t.Fatal(err)
	}
	var squares float64
	for i := range batch {
		for j := range dim {
			rest := float64(y[i*dim+j])
			for k := range atoms {
				rest -= float64(codes[i*atoms+k]) * float64(b.Dictionary[k*dim+j])
			}
			squares += rest * rest
		}
	}
	if variance, stderr := squares/(batch*dim), noise*noise*math.Sqrt(2./(batch*dim)); math.Abs(variance-noise*noise) > 4*stderr {
		t.Errorf("noise of variance %g, want %g ± %g", variance, noise*noise, stderr)
	}
	again, other := make([]float32, len(y)), make([]float32, len(y))
	if b.Fill(again, 5) != nil || b.Fill(other, 6) != nil || !slices.Equal(y, again) || slices.Equal(y, other) {
		t.Error("a batch is not a function of its step")
	}
	b.Stream = datasets.Evaluation
	if b.Fill(other, 5) != nil || slices.Equal(y, other) {
		t.Error("two streams agree")
	}
	if b.Fill(make([]float32, dim+1), 0) == nil || (&datasets.Bilinear{}).Fill(nil, 0) == nil {
		t.Error("no error for a batch of no whole rows")
	}
}

// TestCoherence uses a case by hand, and the law of an inner product of random unit vectors: E|⟨a,b⟩| ≈ √(2/πd).
func TestCoherence(t *testing.T) {
	t.Parallel()
	c := datasets.CoherenceOf([]float32{1, 0, 0.6, 0.8, 0, 1}, 3)
	if math.Abs(c.Max-0.8) > 1e-7 || math.Abs(c.Mean-1.4/3) > 1e-7 || math.Abs(c.Mu-0.8*math.Sqrt2) > 1e-7 {
		t.Errorf("coherence %+v", c)
	}
	const atoms, dim = 600, 50
	a, err := datasets.Dictionary(atoms, dim, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range atoms {
		if norm := kernels.SumSquares(a[i*dim : (i+1)*dim]); math.Abs(norm-1) > 1e-6 {
			t.Fatalf("atom %d has squared norm %g", i, norm)
		}
	}
	if c, want := datasets.CoherenceOf(a, atoms), math.Sqrt(2/(math.Pi*dim)); math.Abs(c.Mean/want-1) > 0.02 {
		t.Errorf("mean coherence %g, want about %g", c.Mean, want)
	}
	if c := datasets.CoherenceOf([]float32{1, 0}, 1); c.Max != 0 || c.Mean != 0 {
		t.Errorf("coherence of one atom %+v", c)
	}
}

func TestBadCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		atoms, support int
		lo, hi         float64
		want           string
	}{
		{"laplace", 5, 1, 0, 0, `data = "laplace"`},
		{datasets.SparseCodes, 5, 6, 0, 0, "support = 6"},
		{datasets.SparseCodes, 5, -1, 0, 0, "support = -1"},
		{datasets.SparseCodes, 5, 1, 2, 1, "amplitudes [2, 1]"},
		{datasets.SparseCodes, 5, 1, math.NaN(), 1, "amplitudes [NaN, 1]"},
		{datasets.NonNegativeCodes, 5, 1, 0, 1, "amplitudes [0, 1]"},
		{datasets.Mixture, 5, 2, 0, 0, "support = 2"},
		{datasets.Mixture, 0, 0, 0, 0, "support = 0"},
	} {
		if _, err := datasets.NewCodeLaw(c.name, c.atoms, c.support, c.lo, c.hi); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one that says %s", err, c.want)
		}
	}
	if _, err := datasets.Dictionary(0, 3, 1); err == nil {
		t.Error("a dictionary of no atoms: no error")
	}
}
