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
		d := descent{Init: init, Noise: noise, Zeta: smaller, Dim: 300, Samples: 1000, Iterations: 20, Seed: 1}
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

// TestSchedules compares the end of a descent whose bias is held with the means of the clusters, √(m²(d − 1)σ²/N), whose error is
// 1/√(2md) of it. The paper's schedule, and the proof's, leave the dictionary; the number of rows is the same.
func TestSchedules(t *testing.T) {
	t.Parallel()
	exec := executor(t)
	end := map[string]float64{}
	for _, schedule := range []string{halved, held, proved} {
		d := descent{Init: fromPerturbed, Noise: 0.01, Schedule: schedule, Dim: 300, Samples: 1000, Iterations: 30, Seed: 1}
		rows, err := d.run(t.Context(), exec)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 31 || rows[30].Iteration != 30 {
			t.Errorf("%s: %d rows", schedule, len(rows))
		}
		end[schedule] = rows[len(rows)-1].Distance
	}
	want := 10 * 0.01 * math.Sqrt(299.0/1000)
	if math.Abs(end[held]/want-1) > 0.06 || end[halved] < 2*want || end[proved] < 2*want {
		t.Errorf("distances at the end %v, clusters' means %g", end, want)
	}
}

// TestConvergence compares fitted rates with the one near an orthogonal dictionary.

// TestConvergence compares descents with the expected one: on an orthogonal dictionary the closed form of the mixture for both
// activations, and with two bases the population. The rates agree up to what 1000 samples move them.
func TestConvergence(t *testing.T) {
	t.Parallel()
	exec := executor(t)
	for _, c := range []convergence{
		{Data: datasets.Mixture, Activation: graph.Threshold, Dictionary: orthogonalAtoms, Dim: 200, Atoms: 10},
		{Data: datasets.Mixture, Activation: graph.ReLU, Dictionary: orthogonalAtoms, Dim: 200, Atoms: 10},
		{Data: datasets.SparseCodes, Support: 2, Activation: graph.Threshold, Dictionary: basisAtoms, Dim: 32, Atoms: 40},
		{Data: datasets.NonNegativeCodes, Support: 2, Hi: 1.25, Activation: graph.Threshold, Dictionary: basisAtoms, Dim: 32, Atoms: 40},
	} {
		c.Delta, c.Samples, c.Seed = 0.3, 1000, 1
		rows, err := c.run(t.Context(), exec)
		if err != nil {
			t.Fatal(err)
		}
		var found, expected []float64
		for _, r := range rows {
			found, expected = append(found, r.Distance2), append(expected, r.Expected)
			if r.Lemma1 < 1-1e-9 && c.Activation == graph.Threshold || r.Lemma1 > 0 && c.Activation == graph.ReLU {
				t.Errorf("%s: Lemma 1's condition holds for a share of %g at iteration %d", c.name(), r.Lemma1, r.Iteration)
			}
		}
		n := above(found)
		tau, residual := fitRate(found[:n])
		want, _ := fitRate(expected[:n])
		if !(math.Abs(tau-want) < 0.015) || residual > 0.1 || math.Abs(want-c.withDefaults().rate()) > 0.03 {
			t.Errorf("%s: rate %g with residual %g, expected %g, near an orthogonal dictionary %g", c.name(), tau, residual, want, c.withDefaults().rate())
		}
	}
}

func TestFitRate(t *testing.T) {
	t.Parallel()
	var d []float64
	for s := range 30 {
		d = append(d, 3*math.Pow(0.7, float64(s))+1e-6)
	}
	if tau, residual := fitRate(d[:above(d)]); math.Abs(tau-0.3) > 0.003 || residual > 0.02 {
		t.Errorf("rate %g, residual %g, want 0.3 and little", tau, residual)
	}
	if tau, _ := fitRate([]float64{1, 0.5}); !math.IsNaN(tau) {
		t.Errorf("rate %g from two points", tau)
	}
}

// TestDictionaries checks inner products: none, at most 1/√d, and 0.1 in the mean up to the error of 780 pairs, 0.005, and
// 0.011 from the 39 pairs of the common direction itself.
func TestDictionaries(t *testing.T) {
	t.Parallel()
	const atoms, dim = 40, 64
	for kind, most := range map[string]float64{orthogonalAtoms: 1e-6, basisAtoms: 1.0/8 + 1e-6, alikeAtoms: 1} {
		a, err := atomsOf(kind, atoms, dim, 1)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for i := range atoms {
			for j := range atoms {
				p := product(a[i*dim:(i+1)*dim], a[j*dim:(j+1)*dim])
				if i == j && math.Abs(p-1) > 1e-5 || i != j && math.Abs(p) > most {
					t.Fatalf("%s: atoms %d and %d have the product %g", kind, i, j, p)
				}
				if i != j {
					sum += p / (atoms * (atoms - 1))
				}
			}
		}
		if kind == alikeAtoms && math.Abs(sum-alikeness) > 0.03 {
			t.Errorf("the mean product is %g", sum)
		}
	}
	for _, bad := range [][2]int{{11, 8}, {18, 8}, {10, 12}} {
		if _, err := atomsOf(basisAtoms, bad[0], bad[1], 1); err == nil {
			t.Errorf("%d atoms of two bases in dimension %d: no error", bad[0], bad[1])
		}
	}
}

// TestConsistency compares shares with the theory of random dictionaries, and with the lower bound. Theory takes units as independent;
// three dictionaries at d = 128 differ by less than 0.02.
func TestConsistency(t *testing.T) {
	t.Parallel()
	for _, c := range []consistency{
		{Data: datasets.SparseCodes, Activation: graph.Threshold, Support: 3, Delta: 0.3},
		{Data: datasets.SparseCodes, Activation: graph.Threshold, Support: 1, Delta: 0.1, Noise: 2},
		{Data: datasets.NonNegativeCodes, Activation: graph.Threshold, Support: 2, Delta: 0.1},
		{Data: datasets.NonNegativeCodes, Activation: graph.ReLU, Support: 2, Delta: 0.3, Upper: true},
		{Data: datasets.NonNegativeCodes, Activation: graph.ReLU, Support: 1, Delta: 0.1},
		{Data: datasets.Mixture, Activation: graph.ReLU, Support: 1, Delta: 0.3},
	} {
		c.Dictionary, c.Dim, c.Atoms, c.Samples = randomAtoms, 128, 256, 500
		var rate, chance float64
		for c.Seed = range 3 {
			r, err := c.measure(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			rate, chance = rate+r.Rate/3, r.Chance
			if r.Rate < r.Guarantee-1e-9 {
				t.Errorf("%+v: share %g below the bound %g", c, r.Rate, r.Guarantee)
			}
		}
		if math.Abs(rate-chance) > 0.05 {
			t.Errorf("%+v: share %g, theory %g", c, rate, chance)
		}
	}
}

// TestGuarantee checks that the bound says something: with two bases it is above 0.999 for few entries, and 0 for many.
func TestGuarantee(t *testing.T) {
	t.Parallel()
	for support, certain := range map[int]bool{1: true, 3: true, 8: false} {
		c := consistency{
			Data: datasets.SparseCodes, Activation: graph.Threshold, Dictionary: basisAtoms, Dim: 256, Atoms: 384, Support: support,
			Delta: 0.05, Noise: 0.1, Samples: 500, Seed: 1,
		}
		r, err := c.measure(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if r.Guarantee > 0.999 != certain || certain && r.Rate < 1-1e-9 || !certain && r.Guarantee > 0 {
			t.Errorf("k = %d: bound %g, share %g", support, r.Guarantee, r.Rate)
		}
	}
}
