package train

import (
	"fmt"
	"math"
	"testing"

	"autoamp/amp"
	"autoamp/kernels/cpu"
	"autoamp/train/config"
)

// TestFitRIGAMP checks that the fitted network's error is not below RI-GAMP's, whose functions see the
// whole history, and at most 0.0015 above it (measured: 0.0002 to 0.0012): amp/THEORY.md §10 gives
// 0.0006 for ideal functions of the merged arguments, and G2 is not an ideal g. The samples err on 3e-4.
func TestFitRIGAMP(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fits take seconds; run without -short")
	}
	for _, p := range []float64{0.2, 0.4} {
		for _, rate := range []float64{0.5, 1, 1.5} {
			for _, iterations := range []int{2, 4} {
				t.Run(fmt.Sprintf("p=%g/rate=%g/T=%d", p, rate, iterations), func(t *testing.T) {
					t.Parallel()
					c := Config{Model: ModelConfig{Name: "rigamp", Dim: 1000, Rate: rate, Iterations: iterations,
						Encoder: "haar", Tied: true, Init: config.InitStateEvolution}}.WithDefaults()
					fit, err := fitRIGAMP(c, p)
					if err != nil {
						t.Fatal(err)
					}
					theory, err := amp.Predict(amp.Point{Data: "sparse-gaussian", P: p, Rate: rate}, nil)
					if err != nil {
						t.Fatal(err)
					}
					got := fit.mse[iterations-1]
					t.Logf("%.5f; RI-GAMP %.5f, Bayes %.5f, denoiser %.5f; by layer %.5f", got, theory.RIGAMP[iterations-1], theory.Bayes, theory.Denoiser, fit.mse)
					if above := got - theory.RIGAMP[iterations-1]; !(above > -3e-4 && above < 1.5e-3) {
						t.Error("not near RI-GAMP's error")
					}
				})
			}
		}
	}
}

// TestStepZero checks that an untrained network started from state evolution has the error that the
// samples of the limit give it, plus the denoiser's 1/d correction, which stands in for its own:
// within 4 standard errors and a third of the correction.
func TestStepZero(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fits take seconds; run without -short")
	}
	for _, rate := range []float64{0.5, 1} {
		c := Config{
			Model: ModelConfig{Name: "rigamp", Dim: 400, Rate: rate, Encoder: "haar", Tied: true, Init: config.InitStateEvolution},
			Steps: 1, Batch: 256, Seeds: []uint64{1, 2}, Optimizer: OptimizerConfig{LearningRate: 1e-12},
			Evaluation: EvaluationConfig{FinalBatches: 50},
		}.WithDefaults()
		exec, err := cpu.New(cpu.Settings{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		tr := Trainer{Config: c, Executor: exec}
		s, err := tr.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		fit, err := fitRIGAMP(c, c.Data.P[0])
		if err != nil {
			t.Fatal(err)
		}
		correction := *s.Theory.FiniteDim.Denoiser - s.Theory.Denoiser
		want := fit.mse[1] + correction
		t.Logf("rate %g: %.5f ± %.5f, want %.5f, of which 1/d %.5f", rate, s.TestMSE, s.TestMSEStderr, want, correction)
		if math.Abs(s.TestMSE-want) > 4*s.TestMSEStderr+correction/3 {
			t.Errorf("rate %g: %.5f ± %.5f, want %.5f", rate, s.TestMSE, s.TestMSEStderr, want)
		}
	}
}
