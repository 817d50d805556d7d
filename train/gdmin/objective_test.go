package gdmin

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/matrix"
)

func gdminConfig(n, d, masks int) config.Config {
	c := config.Config{
		Algorithm: config.GDMin, Model: config.ModelConfig{Dim: d, Rate: float64(n) / float64(d)}, Data: config.DataConfig{Name: "sparse-gaussian"},
		GDMin: config.GDMinConfig{Masks: masks},
	}
	return c.WithDefaults()
}

func replicaAt(p float64) graph.Replica { return graph.Replica{Seed: 3, P: p} }

func gaussianRows(n, d int) *mat.Dense {
	r := rand.New(rand.NewPCG(uint64(n), uint64(d)))
	m := mat.NewDense(n, d, nil)
	m.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, m)
	return matrix.UnitRows(m)
}

// near compares all elements.
func near(t *testing.T, what string, got, want *mat.Dense, tolerance float64) {
	t.Helper()
	var diff mat.Dense
	diff.Sub(got, want)
	if worst := floats.Norm(diff.RawMatrix().Data, math.Inf(1)); !(worst <= tolerance) {
		t.Errorf("%s: largest difference %g, want at most %g", what, worst, tolerance)
	}
}

// Decoder, error and gradient against amp's, which finite differences and simulations check. Few coordinates and p = 0.2 make
// rows vanish, and rows with one coordinate left, that are parallel under some masks.
func TestMaskObjectiveAgainstAmp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		n, d, masks int
		p           float64
	}{{4, 7, 30, 0.6}, {9, 6, 60, 0.4}, {3, 5, 200, 0.2}, {5, 5, 1, 1}, {20, 40, 13, 0.3}} {
		o := newMaskObjective(gdminConfig(tt.n, tt.d, tt.masks), replicaAt(tt.p))
		b := gaussianRows(tt.n, tt.d)
		a, mse, err := o.fit(b, 17)
		if err != nil {
			t.Fatal(err)
		}
		masks := o.draw(datasets.Training, 17)
		wantA, err := amp.OptimalDecoder(b, tt.p, masks)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "decoder", a, wantA, 1e-11)
		want, err := amp.PopulationRisk(a, b, tt.p, masks)
		if err != nil || math.Abs(mse-want) > 1e-12 {
			t.Errorf("%+v: MSE of the fit %.15g, want %.15g (%v)", tt, mse, want, err)
		}
		gradient, err := amp.PopulationGradient(a, b, tt.p, masks)
		if err != nil {
			t.Fatal(err)
		}
		gradient.Scale(float64(tt.d), gradient)
		near(t, "gradient", o.gradient(b, a), gradient, 1e-10)

		for k, got := range o.test(b, a, 5, 12) {
			number := uint64(5 + k)
			m := o.draw(datasets.Evaluation, number/uint64(o.masks))[number%uint64(o.masks)]
			m.Weight = 1
			want, err := amp.PopulationRisk(a, b, tt.p, []amp.Mask{m})
			if err != nil {
				t.Fatal(err)
			}
			kept := float64(tt.d)
			if m.Keep != nil {
				kept = 0
				for _, k := range m.Keep {
					if k {
						kept++
					}
				}
			}
			want += (1 - mse) * (kept/(tt.p*float64(tt.d)) - 1)
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("%+v: test mask %d: %.15g, want %.15g", tt, k, got, want)
			}
		}
	}
}

// For Gaussian data the surrogate gradient tends to the population's, and so do decoder and error.
func TestSampleObjectiveAgainstPopulation(t *testing.T) {
	t.Parallel()
	const n, d = 3, 6
	c := gdminConfig(n, d, 0)
	c.GDMin = config.GDMinConfig{Objective: config.Samples, Samples: 100_000}
	c.Model.Tau = 0.1
	law, err := datasets.NewLaw("gaussian", 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	o := newSampleObjective(c, law, 5)
	b := gaussianRows(n, d)
	a, mse, err := o.fit(b, 2)
	if err != nil {
		t.Fatal(err)
	}
	wantA, err := amp.OptimalDecoder(b, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "decoder", a, wantA, 0.015) // 4 standard errors, 1/√N each
	want, err := amp.PopulationRisk(a, b, 1, nil)
	if err != nil || math.Abs(mse-want) > 0.01 {
		t.Errorf("MSE %g, want %g (%v)", mse, want, err)
	}
	for _, got := range o.test(b, a, 0, 2) {
		if math.Abs(got-want) > 0.01 {
			t.Errorf("MSE on other samples %g, want %g", got, want)
		}
	}
	gradient, err := amp.PopulationGradient(a, b, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	gradient.Scale(d, gradient)
	near(t, "gradient", o.gradient(b, a), gradient, 0.05) // noise 1/√(Nτ) = 0.01, and O(τ²)
}
