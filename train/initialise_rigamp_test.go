package train

import (
	"fmt"
	"math"
	"testing"

	"autoamp/amp"
)

// TestFitRIGAMP checks that the fitted network sits above the Bayes-optimal error and within 0.005 of
// RI-GAMP's, whose functions see the whole history: theory.md §10 gives 0.0006 at most for two
// iterations and ideal functions, G2 adds less than 2e-4 for f and up to 0.004 for g (measured at p = 0.4, rate 1.5).
func TestFitRIGAMP(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fits take seconds; run without -short")
	}
	for _, p := range []float64{0.2, 0.4} {
		for _, rate := range []float64{0.5, 1, 1.5} {
			for _, iterations := range []int{2} {
				t.Run(fmt.Sprintf("p=%g/rate=%g/T=%d", p, rate, iterations), func(t *testing.T) {
					t.Parallel()
					c := Config{Model: ModelConfig{Name: "rigamp", Dim: 1000, Rate: rate, Iterations: iterations,
						Encoder: "haar", Tied: true, Init: initStateEvolution}}.WithDefaults()
					fit, err := fitRIGAMP(c, p)
					if err != nil {
						t.Fatal(err)
					}
					theory, err := amp.Predict("sparse-gaussian", p, 0, rate, nil)
					if err != nil {
						t.Fatal(err)
					}
					got := fit.mse[iterations-1]
					t.Logf("%.5f; RI-GAMP %.5f, Bayes %.5f, denoiser %.5f; by layer %.5f", got, theory.RIGAMP[iterations-1], theory.Bayes, theory.Denoiser, fit.mse)
					if !(got > theory.Bayes-3e-4 && math.Abs(got-theory.RIGAMP[iterations-1]) < 5e-3) {
						t.Error("not near RI-GAMP's error")
					}
				})
			}
		}
	}
}
