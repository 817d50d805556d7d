package nguyen

import (
	"math"
	"testing"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels/cpu"
)

func executor(t *testing.T) graph.Executor {
	t.Helper()
	exec, err := cpu.New(cpu.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return exec
}

// TestDescent checks the first iteration, which is dead for every start, and the floor that perturbed reaches.
func TestDescent(t *testing.T) {
	t.Parallel()
	exec := executor(t)
	const noise = 0.02
	for _, init := range initialisations() {
		d := descent{Init: init, Noise: noise, Zeta: 2, Dim: 300, Samples: 1000, Iterations: 20, Seed: 1}
		rows, err := d.run(t.Context(), exec)
		if err != nil {
			t.Fatal(err)
		}
		floor := 300 * noise * noise / 2
		if loss := rows[0].Loss; math.Abs(loss-0.5-floor) > 0.01 {
			t.Errorf("%s: loss %g before the first iteration, want ½E‖y‖² = %g", init, loss, 0.5+floor)
		}
		if init != fromPerturbed && math.Abs(rows[1].Distance-rows[0].Distance) > 1e-4 {
			t.Errorf("%s: the first iteration moves W from %g to %g", init, rows[0].Distance, rows[1].Distance)
		}
		if last := rows[len(rows)-1]; init == fromPerturbed && (last.Loss > 1.05*floor || last.Distance > 0.3) {
			t.Errorf("%s: loss %g at distance %g after 20 iterations, want %g", init, last.Loss, last.Distance, floor)
		}
	}
	if _, err := (descent{Init: "zero", Samples: 10}).run(t.Context(), exec); err == nil {
		t.Error("an unknown start: no error")
	}
}

// TestConvergence compares fitted rates with the one near an orthogonal dictionary.
func TestConvergence(t *testing.T) {
	t.Parallel()
	exec := executor(t)
	for data, tolerance := range map[string]float64{datasets.Mixture: 0.03, datasets.SparseCodes: 0.25, datasets.NonNegativeCodes: 0.25} {
		c := convergence{Data: data, Samples: 2000, Seed: 1}
		if data != datasets.Mixture {
			c.Support = 2
		}
		rows, err := c.run(t.Context(), exec)
		if err != nil {
			t.Fatal(err)
		}
		var distances []float64
		for _, r := range rows {
			distances = append(distances, r.Distance2)
		}
		tau, residual := fitRate(distances)
		if want := rows[0].Predicted; math.Abs(want-0.36) > 1e-12 || !(math.Abs(tau/want-1) < tolerance) || residual > 0.1 {
			t.Errorf("%s: rate %g with residual %g, predicted %g", data, tau, residual, want)
		}
	}
}

func TestFitRate(t *testing.T) {
	t.Parallel()
	var d []float64
	for s := range 30 {
		d = append(d, 3*math.Pow(0.7, float64(s))+1e-6)
	}
	if tau, residual := fitRate(d); math.Abs(tau-0.3) > 0.003 || residual > 0.02 {
		t.Errorf("rate %g, residual %g, want 0.3 and little", tau, residual)
	}
	if tau, _ := fitRate([]float64{1, 0.5}); !math.IsNaN(tau) {
		t.Errorf("rate %g from two points", tau)
	}
}

// TestConsistency samples the list of amp/THEORY.md §14.2 at n = 256, where k = 6 is past what the theorem allows.
func TestConsistency(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		data       string
		activation graph.Activation
		k          int
		delta      float64
		low, high  float64
	}{
		{datasets.Mixture, graph.ReLU, 1, 0.1, 1, 1},
		{datasets.Mixture, graph.Threshold, 1, 0.6, 1, 1},
		{datasets.SparseCodes, graph.Threshold, 3, 0.1, 0.98, 1},
		{datasets.SparseCodes, graph.Threshold, 6, 0.1, 0.45, 0.7},
		{datasets.NonNegativeCodes, graph.Threshold, 6, 0.1, 0, 0.02},
		{datasets.NonNegativeCodes, graph.ReLU, 1, 1e-12, 0, 0.001},
	} {
		r, err := (consistency{
			Data: c.data, Activation: c.activation, Dim: 256, Atoms: 512, Support: c.k, Delta: c.delta, Samples: 500, Seed: 1,
		}).measure(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if r.Rate < c.low-1e-9 || r.Rate > c.high+1e-9 {
			t.Errorf("%s, %s, k = %d, δ = %g: rate %g, want %g to %g", c.data, c.activation, c.k, c.delta, r.Rate, c.low, c.high)
		}
	}
}
