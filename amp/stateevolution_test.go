package amp_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"autoamp/amp"
)

// Bayes ≤ RI-GAMP(t+1) ≤ RI-GAMP(t) ≤ denoiser ≤ R_Gauss at every point of a grid, everything converged.
func TestOrdering(t *testing.T) {
	const slack = 1e-12
	for _, name := range amp.PriorNames() {
		for _, p := range []float64{0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1} {
			law := mustPrior(t, name, p, 1)
			for _, rate := range []float64{0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.1, 1.25, 1.5, 2, 4} {
				trajectory, err := amp.StateEvolution(law, rate, nil)
				if err != nil {
					t.Fatal(err)
				}
				where := fmt.Sprintf("%s p=%g r=%g", name, p, rate)
				if trajectory.Status != amp.Converged {
					t.Errorf("%s: %v after %d passes", where, trajectory.Status, len(trajectory.MSE))
				}
				if trajectory.MSE[0] > amp.RGauss(rate)+slack {
					t.Errorf("%s: denoiser %g above R_Gauss %g", where, trajectory.MSE[0], amp.RGauss(rate))
				}
				for i := 1; i < len(trajectory.MSE); i++ {
					if trajectory.MSE[i] > trajectory.MSE[i-1]+slack {
						t.Errorf("%s: pass %d raised the error from %.16g to %.16g", where, i+1, trajectory.MSE[i-1], trajectory.MSE[i])
					}
				}
			}
		}
	}
}

// For Gaussian data and r ≤ 1 all curves coincide.
func TestGaussianCurvesCoincide(t *testing.T) {
	for _, rate := range []float64{0.1, 0.5, 1} {
		trajectory, err := amp.StateEvolution(amp.Gaussian{}, rate, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkAbsolute(t, fmt.Sprint(rate), trajectory.Final(), amp.RGauss(rate), 1e-13)
	}
}

// The stopping rule estimates the distance to the fixed point: a much tighter run must agree within ten tolerances.
func TestToleranceIsHonest(t *testing.T) {
	for _, law := range []amp.Prior{amp.SparseGaussian{P: 0.2}, amp.SparseRademacher{P: 0.3}} {
		for _, rate := range []float64{0.5, 1.5, 2} {
			tight, err := amp.StateEvolution(law, rate, &amp.Settings{Tolerance: 1e-14})
			if err != nil {
				t.Fatal(err)
			}
			for _, tolerance := range []float64{1e-6, 1e-8, 1e-10} {
				loose, err := amp.StateEvolution(law, rate, &amp.Settings{Tolerance: tolerance})
				if err != nil {
					t.Fatal(err)
				}
				checkAbsolute(t, fmt.Sprintf("%+v r=%g", law, rate), loose.Final(), tight.Final(), 10*tolerance)
			}
		}
	}
}

// Damping slows the way and does not move the fixed point.
func TestDamping(t *testing.T) {
	law := amp.SparseLaplace{P: 0.5}
	plain, err := amp.StateEvolution(law, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	damped, err := amp.StateEvolution(law, 1, &amp.Settings{Damping: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	checkAbsolute(t, "fixed point", damped.Final(), plain.Final(), 1e-10)
	if len(damped.MSE) <= len(plain.MSE) {
		t.Errorf("damped run took %d passes, plain one %d", len(damped.MSE), len(plain.MSE))
	}
}

// Not converging is a status with the trajectory so far.
func TestIterationLimit(t *testing.T) {
	trajectory, err := amp.StateEvolution(amp.SparseRademacher{P: 0.3}, 1.5, &amp.Settings{MaxPasses: 3})
	if err != nil {
		t.Fatal(err)
	}
	if trajectory.Status != amp.IterationLimit || len(trajectory.MSE) != 3 {
		t.Errorf("status %v after %d passes, want the iteration limit after 3", trajectory.Status, len(trajectory.MSE))
	}
	broken, err := amp.StateEvolution(amp.SparseGaussian{}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if broken.Status != amp.Diverged {
		t.Errorf("status %v for an invalid prior, want diverged", broken.Status)
	}
	for status, words := range map[amp.Status]string{amp.Converged: "converged", amp.IterationLimit: "iteration limit", amp.Diverged: "diverged", 9: "unknown status"} {
		if status.String() != words {
			t.Errorf("status %d is called %q, want %q", int(status), status, words)
		}
	}
}

func TestSettingsErrors(t *testing.T) {
	for field, s := range map[string]amp.Settings{
		"iterations": {Iterations: -1}, "max_passes": {MaxPasses: -1}, "tolerance": {Tolerance: 1}, "damping": {Damping: math.NaN()}, "dim": {Dim: -3},
	} {
		var domain *amp.DomainError
		if _, err := amp.StateEvolution(amp.Gaussian{}, 1, &s); !errors.As(err, &domain) || domain.Field != field {
			t.Errorf("%+v: error %v, want one about %s", s, err, field)
		}
	}
	for _, rate := range []float64{0, -1, math.NaN(), math.Inf(1), 1e-300} {
		var domain *amp.DomainError
		if _, err := amp.StateEvolution(amp.Gaussian{}, rate, nil); !errors.As(err, &domain) || domain.Field != "rate" {
			t.Errorf("rate %g: error %v", rate, err)
		}
	}
}

// The JSON object is a contract.
func TestPredictJSON(t *testing.T) {
	p, err := amp.Predict(amp.Point{Data: "sparse-rademacher", P: 0.3, Rate: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	want := strings.Fields("data p rate gaussian identity denoiser rigamp amp bayes rate_it critical_p critical_p_denoiser chain pairs")
	for _, key := range want {
		if _, ok := object[key]; !ok {
			t.Errorf("no %q in %s", key, text)
		}
	}
	if len(object) != len(want) {
		t.Errorf("%d fields in %s, want %d", len(object), text, len(want))
	}
	if list := object["rigamp"].([]any); len(list) != 5 || list[0] != object["denoiser"] {
		t.Errorf("rigamp = %v, want 5 entries, the first %v", list, object["denoiser"])
	}

	p, err = amp.Predict(amp.Point{Data: "sparse-gaussian", P: 0.4, Rate: 1.5}, &amp.Settings{Iterations: 2, Dim: 200})
	if err != nil {
		t.Fatal(err)
	}
	text, _ = json.Marshal(p)
	for _, part := range []string{`"identity":null`, `"critical_p":null`, `"critical_p_denoiser":null`, `"chain":null`, `"finite_dim":{"dim":200,"linear":0.28`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("no %s in %s", part, text)
		}
	}
	if len(p.RIGAMP) != 2 {
		t.Errorf("%d RI-GAMP entries, want 2", len(p.RIGAMP))
	}
}

func TestPredictErrors(t *testing.T) {
	for _, c := range []struct {
		name    string
		p, rate float64
	}{{"sparse-gaussian", 0, 1}, {"sparse-gaussian", 0.5, 0}, {"sparse-gaussian", 0.5, math.NaN()}, {"sparse-mixture", 1.5, 1}} {
		var domain *amp.DomainError
		if _, err := amp.Predict(amp.Point{Data: c.name, P: c.p, MixtureMean: 1, Rate: c.rate}, nil); !errors.As(err, &domain) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
	if _, err := amp.Predict(amp.Point{Data: "mnist", P: 0.5, Rate: 1}, nil); !errors.Is(err, amp.ErrUnknownPrior) {
		t.Errorf("unknown name: %v", err)
	}
}

// Every point of the stated range gives numbers.
func TestPredictStability(t *testing.T) {
	for _, name := range amp.PriorNames() {
		for _, p := range []float64{1e-6, 1e-3, 1} {
			for _, rate := range []float64{1e-12, 1e-3, 1, 10, 1e9} {
				r, err := amp.Predict(amp.Point{Data: name, P: p, MixtureMean: 1, Rate: rate}, &amp.Settings{MaxPasses: 200})
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range append([]float64{r.Gaussian, r.Denoiser, r.Bayes}, r.RIGAMP...) {
					if !(x >= 0 && x <= 1+1e-12) {
						t.Errorf("%s p=%g r=%g: %+v", name, p, rate, r)
						break
					}
				}
			}
		}
	}
}

// amp/THEORY.md §10, to its five digits.
func TestThreeLayerDecoder(t *testing.T) {
	for _, c := range []struct{ p, rate, x2Only, merged, c, two, bayes float64 }{
		{.1, .5, .31631, .31366, -.08, .31291, .27265}, {.1, 1, .08095, .07969, -.30, .07933, .06082},
		{.2, .5, .51113, .50880, -.13, .50818, .49810}, {.2, 1, .17623, .17350, -.45, .17288, .16510},
		{.2, 1.5, .10092, .09922, -.54, .09885, .08315}, {.4, .5, .63866, .63800, -.22, .63782, .63720},
		{.4, 1, .29021, .28884, -.77, .28852, .28810}, {.4, 1.5, .19113, .18837, -.86, .18789, .18254},
	} {
		if testing.Short() && c.rate != 1 {
			continue
		}
		t.Run(fmt.Sprintf("p=%g/r=%g", c.p, c.rate), func(t *testing.T) {
			t.Parallel()
			r, err := amp.ThreeLayerDecoder(amp.SparseGaussian{P: c.p}, c.rate)
			if err != nil {
				t.Fatal(err)
			}
			checkAbsolute(t, "x² only", r.X2Only, c.x2Only, 5.1e-6)
			checkAbsolute(t, "merged", r.Merged, c.merged, 1e-5) // the table's c has two digits
			checkAbsolute(t, "merge", r.Merge, c.c, 6e-3)
			checkAbsolute(t, "RI-GAMP-2", r.RIGAMP2, c.two, 5.1e-6)
			checkAbsolute(t, "Bayes", r.Bayes, c.bayes, 5.1e-6)
		})
	}
	if _, err := amp.ThreeLayerDecoder(amp.Gaussian{}, 0); err == nil {
		t.Error("rate 0: want an error")
	}
}
