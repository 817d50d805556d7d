package bench

import (
	"math"
	"testing"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels/cpu"
)

// TestMixtureGradient checks the gradient at W near a dictionary against its closed form for the mixture without noise,
// where the code is consistent: g_i = −p_iλ_iA_i + p_i(λ_i + b)²W_i with λ_i = ⟨W_i, A_i⟩ (amp/THEORY.md §14.3) and p_i the
// share of the samples of cluster i. Since the code is consistent, the proxy gradient is the same.
func TestMixtureGradient(t *testing.T) {
	t.Parallel()
	const atoms, dim, batch, bias = 6, 300, 400, -0.4
	dictionary, err := datasets.Dictionary(atoms, dim, 3)
	if err != nil {
		t.Fatal(err)
	}
	law, err := datasets.NewCodeLaw(datasets.Mixture, atoms, 0, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	source := &datasets.Bilinear{Dictionary: dictionary, Atoms: atoms, Law: law, Seed: 5}
	codes, err := source.FillCodes(make([]float32, batch*dim), 0)
	if err != nil {
		t.Fatal(err)
	}
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	w := near(dictionary, atoms, 0.2, 1)
	for _, proxy := range []bool{false, true} {
		net, err := loadTied(exec, graph.Config{Batch: batch, Dim: dim, Code: atoms, Bias: "fixed", BiasStart: bias, Proxy: proxy},
			tiedStep{Update: plainGradient, Source: source})
		if err != nil {
			t.Fatal(err)
		}
		defer net.Close()
		loss, got, err := net.meanGradient(t.Context(), w, 1)
		if err != nil {
			t.Fatal(err)
		}
		want, wantLoss := mixtureGradient(w, dictionary, codes, atoms, bias)
		if math.Abs(loss-wantLoss) > 1e-5 {
			t.Errorf("proxy %t: loss %g, want %g", proxy, loss, wantLoss)
		}
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-6 {
				t.Fatalf("proxy %t: gradient %d is %g, want %g", proxy, i, got[i], want[i])
			}
		}
	}
}

// mixtureGradient is the closed form, and the loss ½E‖A_i − (λ_i + b)W_i‖².
func mixtureGradient(w, a, codes []float32, atoms int, bias float64) (g []float64, loss float64) {
	dim := len(w) / atoms
	g = make([]float64, len(w))
	for i := range atoms {
		share, lambda := 0.0, 0.0
		for k := i; k < len(codes); k += atoms {
			share += float64(codes[k]) * float64(atoms) / float64(len(codes))
		}
		for j := i * dim; j < (i+1)*dim; j++ {
			lambda += float64(w[j]) * float64(a[j])
		}
		x := lambda + bias
		for j := i * dim; j < (i+1)*dim; j++ {
			g[j] = share * (x*x*float64(w[j]) - lambda*float64(a[j]))
			e := float64(a[j]) - x*float64(w[j])
			loss += share * e * e / 2
		}
	}
	return g, loss
}

// TestDistance2 matches rows that changed places.
func TestDistance2(t *testing.T) {
	t.Parallel()
	a := []float32{1, 0, 0, 1, 0.6, 0.8}
	w := []float32{0.6, 0.8, 1, 0, 0, 0.5}
	if d := distance2(w, a, 3); math.Abs(d-0.25) > 1e-7 {
		t.Errorf("squared distance %g, want 0.25", d)
	}
}

// TestCompareSupport counts by hand: four units, two samples.
func TestCompareSupport(t *testing.T) {
	t.Parallel()
	codes := []float32{1, 0, -1, 0, 0, 0, 2, 0}
	z := []float32{0.9, 0.1, 0.8, 0.7, 0, 0.1, 3, -0.2}
	s := compareSupport(z, codes, 4, func(z float32) bool { return z > 0.5 || z < -0.5 })
	if s != (support{TruePositive: 1, FalsePositive: 0.5, Exact: 0.5, Signs: 0.5}) {
		t.Errorf("%+v", s)
	}
	z[6] = -3
	if s = compareSupport(z, codes, 4, func(z float32) bool { return z > 0.5 || z < -0.5 }); s.Exact != 0.5 || s.Signs != 0 {
		t.Errorf("a wrong sign: %+v", s)
	}
}
