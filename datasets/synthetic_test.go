package datasets_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"autoamp/datasets"
	"autoamp/kernels"
)

// laws are all laws at dense, ordinary and small p, with E|x| and E x⁴ of amp/THEORY.md §2.
func laws() []struct {
	law           kernels.Law
	absMean, four float64
} {
	type entry = struct {
		law           kernels.Law
		absMean, four float64
	}
	out := []entry{{kernels.Law{Kind: kernels.Gaussian}, math.Sqrt(2 / math.Pi), 3}}
	for _, p := range []float64{1, 0.4, 0.05} {
		out = append(out,
			entry{kernels.Law{Kind: kernels.SparseGaussian, P: p}, math.Sqrt(2 * p / math.Pi), 3 / p},
			entry{kernels.Law{Kind: kernels.SparseRademacher, P: p}, math.Sqrt(p), 1 / p},
			entry{kernels.Law{Kind: kernels.SparseLaplace, P: p}, math.Sqrt(p / 2), 6 / p},
			entry{kernels.Law{Kind: kernels.SparseUniform, P: p}, math.Sqrt(3*p) / 2, 1.8 / p})
	}
	for _, pm := range [][2]float64{{0.4, 1}, {1 / 1.44, 1.2}, {0.4, 0}} {
		p, m := pm[0], pm[1]
		s2 := max(0, 1/p-m*m)
		abs := p * m
		if s := math.Sqrt(s2); s > 0 {
			abs = p * (s*math.Sqrt(2/math.Pi)*math.Exp(-m*m/(2*s2)) + m*math.Erf(m/(s*math.Sqrt2)))
		}
		out = append(out, entry{kernels.Law{Kind: kernels.SparseMixture, P: p, Mean: m}, abs, p * (m*m*m*m + 6*m*m*s2 + 3*s2*s2)})
	}
	return out
}

// Every moment must lie within four standard errors, the sample's own, of its value.
func TestMoments(t *testing.T) {
	t.Parallel()
	const dim, batch, steps = 100, 128, 80 // 1 024 000 numbers
	for _, tt := range laws() {
		t.Run(fmt.Sprintf("%v/p=%.3g/m=%g", tt.law.Kind, tt.law.P, tt.law.Mean), func(t *testing.T) {
			t.Parallel()
			source, err := datasets.Synthetic(tt.law, dim, 17, datasets.Training)
			if err != nil {
				t.Fatal(err)
			}
			var mean, square, abs, four, lag moment
			x := make([]float32, batch*dim)
			for step := range uint64(steps) {
				if err := source.Fill(x, step); err != nil {
					t.Fatal(err)
				}
				for i, v := range x {
					v := float64(v)
					mean.add(v)
					square.add(v * v)
					abs.add(math.Abs(v))
					four.add(v * v * v * v)
					lag.add(v * float64(x[(i+1)%len(x)]))
				}
			}
			mean.check(t, "E x", 0)
			square.check(t, "E x²", 1)
			abs.check(t, "E |x|", tt.absMean)
			four.check(t, "E x⁴", tt.four)
			lag.check(t, "E x·x′ of neighbours", 0)
		})
	}
}

type moment struct{ n, sum, squares float64 }

func (m *moment) add(v float64) { m.n++; m.sum += v; m.squares += v * v }

func (m *moment) check(t *testing.T, name string, want float64) {
	t.Helper()
	mean := m.sum / m.n
	stderr := math.Sqrt(max(0, m.squares/m.n-mean*mean) / m.n)
	if math.Abs(mean-want) > 4*stderr+1e-6 { // 1e-6: constants such as E x² = 1 of dense ±1, in float32
		t.Errorf("%s = %g ± %.2g, want %g", name, mean, stderr, want)
	}
}

func TestBatchesAreFunctionsOfTheirNames(t *testing.T) {
	t.Parallel()
	law := kernels.Law{Kind: kernels.SparseGaussian, P: 0.4}
	fill := func(seed uint64, stream uint32, step uint64) []float32 {
		source, err := datasets.Synthetic(law, 7, seed, stream)
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float32, 7*9)
		if err := source.Fill(x, step); err != nil {
			t.Fatal(err)
		}
		return x
	}
	first := fill(1, datasets.Training, 5)
	if !slices.Equal(first, fill(1, datasets.Training, 5)) {
		t.Error("the same name gives another batch")
	}
	for name, other := range map[string][]float32{
		"seed":   fill(1<<40+1, datasets.Training, 5),
		"stream": fill(1, datasets.Evaluation, 5),
		"step":   fill(1, datasets.Training, 1<<40+5),
	} {
		if slices.Equal(first, other) {
			t.Errorf("another %s gives the same batch", name)
		}
	}
}

func TestBadLaws(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		p, mean float64
		want    string
	}{
		{"poisson", 0.5, 0, `datasets: data = "poisson": must be one of gaussian, sparse-gaussian, `},
		{"sparse-gaussian", 0, 0, "datasets: p = 0: must be in (0, 1]"},
		{"sparse-laplace", 1.0000001, 0, "datasets: p = 1.0000001: must be in (0, 1]"},
		{"sparse-rademacher", math.NaN(), 0, "datasets: p = NaN: must be in (0, 1]"},
		{"sparse-mixture", 0.5, 2, "datasets: mixture_mean = 2: must be in [0, 1/√p], at p = 0.5 in [0, 1.41421]"},
		{"sparse-mixture", 0.5, -1, "datasets: mixture_mean = -1: must be in"},
	} {
		if _, err := datasets.NewLaw(tt.name, tt.p, tt.mean); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s, p = %g, m = %g: got %v, want %s", tt.name, tt.p, tt.mean, err, tt.want)
		}
	}
	for _, name := range datasets.Names() {
		if law, err := datasets.NewLaw(name, 0.5, 1); err != nil || law.Kind.String() != name {
			t.Errorf("%s: %+v, %v", name, law, err)
		}
	}
}

func TestBadBatches(t *testing.T) {
	t.Parallel()
	law := kernels.Law{Kind: kernels.Gaussian}
	if _, err := datasets.Synthetic(law, 0, 1, 0); err == nil {
		t.Error("dim = 0 is accepted")
	}
	if _, err := datasets.Synthetic(kernels.Law{Kind: kernels.SparseGaussian, P: 2}, 3, 1, 0); err == nil {
		t.Error("p = 2 is accepted")
	}
	source, err := datasets.Synthetic(law, 3, 1, 0)
	if err != nil || source.Dim() != 3 {
		t.Fatal(source, err)
	}
	if err := source.Fill(make([]float32, 7), 0); err == nil || !strings.Contains(err.Error(), "multiple of dim, 3") {
		t.Errorf("a ragged batch: %v", err)
	}
	if err := source.Fill(nil, 0); err != nil {
		t.Errorf("an empty batch: %v", err)
	}
}

// A law that has no row is refused before it is drawn from.
func TestSyntheticWithoutLaw(t *testing.T) {
	if _, err := datasets.Synthetic(kernels.Law{Kind: 200, P: 1}, 3, 1, 1); err == nil || !strings.Contains(err.Error(), "LawKind(200)") {
		t.Errorf("error %v", err)
	}
}
