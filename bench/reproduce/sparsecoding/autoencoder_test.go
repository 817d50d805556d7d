package sparsecoding

import (
	"errors"
	"math"
	"testing"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels/cpu"
	"autoamp/train"
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
	w := Near(dictionary, atoms, 0.2, 1)
	for _, proxy := range []bool{false, true} {
		net, err := Load(t.Context(), exec, train.Config{
			Model: Tied(dim, atoms, train.TiedConfig{Bias: "fixed", BiasStart: bias, Proxy: proxy}), Batch: batch,
			Data:  train.DataConfig{Name: datasets.Mixture, DictionaryConfig: train.DictionaryConfig{Atoms: atoms}},
			Seeds: []uint64{source.Seed}, Optimizer: PlainGradient(),
		}, dictionary)
		if err != nil {
			t.Fatal(err)
		}
		defer net.Close()
		loss, got, err := net.MeanGradient(t.Context(), w, 1)
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

// TestReconstruct compares the executor's forward pass with ŷ = W₁ᵀσ(W₂ᵀσ(W₂σ(W₁y + b₁) + b₂)) in float64, for one and two
// layers and a last block that is not full. Products of at most 12 numbers of order 1 err by less than 1e-5.
func TestReconstruct(t *testing.T) {
	t.Parallel()
	const dim, rows, bias = 12, 7, -0.1
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, hidden := range [][]int{{5}, {9, 5}} {
		model := Tied(dim, 5, train.TiedConfig{Mirrored: len(hidden) > 1, Bias: "fixed", BiasStart: bias})
		if model.Depth = len(hidden); model.Depth > 1 {
			model.Width = hidden[0]
		}
		net, err := LoadFed(t.Context(), exec, train.Config{Model: model, Batch: 3, Optimizer: PlainGradient()})
		if err != nil {
			t.Fatal(err)
		}
		defer net.Close()
		var weights [][]float32
		inputs := dim
		for l, units := range hidden {
			w := UnitRows(units, inputs, uint64(l), RandomStart)
			if err := net.SetWeights(l, w); err != nil {
				t.Fatal(err)
			}
			weights, inputs = append(weights, w), units
		}
		y := UnitRows(rows, dim, 9, RandomStart)
		got, err := net.Reconstruct(y)
		if err != nil {
			t.Fatal(err)
		}
		for r := range rows {
			for i, want := range reconstruction(y[r*dim:(r+1)*dim], weights, bias) {
				if math.Abs(float64(got[r*dim+i])-want) > 1e-5 {
					t.Fatalf("%v: row %d, number %d: %g, want %g", hidden, r, i, got[r*dim+i], want)
				}
			}
		}
	}
}

// TestRectified compares the forward pass with ŷ = ReLU(Wᵀ·ReLU(Wy + b) + b₂), and one step's gradient of b₂, 2(ŷ − y)/d where ŷ > 0,
// the mean over rows, with float64.
func TestRectified(t *testing.T) {
	t.Parallel()
	const dim, units, rows, bias = 12, 5, 4, -0.1
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	net, err := LoadFed(t.Context(), exec, train.Config{
		Model: Tied(dim, units, train.TiedConfig{Rectified: true, BiasStart: bias}), Batch: rows, Optimizer: PlainGradient(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	w, y, out := UnitRows(units, dim, 0, RandomStart), UnitRows(rows, dim, 9, RandomStart), UnitRows(1, dim, 3, RandomStart)
	if err := errors.Join(net.SetWeights(0, w), net.stepper.Write(graph.DecoderBias, 0, out)); err != nil {
		t.Fatal(err)
	}
	got, err := net.Reconstruct(y)
	if err != nil {
		t.Fatal(err)
	}
	want, gradient := make([]float64, 0, len(y)), make([]float64, dim)
	for r := range rows {
		for i, v := range reconstruction(y[r*dim:(r+1)*dim], [][]float32{w}, bias) {
			want = append(want, math.Max(0, v+float64(out[i])))
			if want[r*dim+i] > 0 {
				gradient[i] += 2 * (want[r*dim+i] - float64(y[r*dim+i])) / (dim * rows)
			}
		}
	}
	for i := range want {
		if math.Abs(float64(got[i])-want[i]) > 1e-6 {
			t.Fatalf("output %d: %g, want %g", i, got[i], want[i])
		}
	}
	if _, err := net.Step(); err != nil {
		t.Fatal(err)
	}
	found, err := net.stepper.Gradient(graph.DecoderBias, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range gradient {
		if math.Abs(float64(found[i])-gradient[i]) > 1e-6 {
			t.Errorf("gradient of b₂, number %d: %g, want %g", i, found[i], gradient[i])
		}
	}
}

// reconstruction is the output for one row, with a ReLU behind every matrix but the last.
func reconstruction(y []float32, weights [][]float32, bias float64) []float64 {
	h := make([]float64, len(y))
	for i, v := range y {
		h[i] = float64(v)
	}
	for _, w := range weights {
		next := make([]float64, len(w)/len(h))
		for i := range next {
			for j, v := range h {
				next[i] += float64(w[i*len(h)+j]) * v
			}
			next[i] = math.Max(0, next[i]+bias)
		}
		h = next
	}
	for l := len(weights) - 1; l >= 0; l-- {
		next := make([]float64, len(weights[l])/len(h))
		for j := range next {
			for i, v := range h {
				next[j] += float64(weights[l][i*len(next)+j]) * v
			}
			if l > 0 {
				next[j] = math.Max(0, next[j])
			}
		}
		h = next
	}
	return h
}
