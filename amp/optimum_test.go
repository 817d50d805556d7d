package amp_test

import (
	"fmt"
	"math"
	"testing"

	"autoamp/amp"
)

// amp/THEORY.md §11.4: above r_IT the data are determined by their code, and AMP does not find them.
func TestRateIT(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ p, rate, reached float64 }{{1, 1.1010, 0.2053}, {0.4, 1.6333, 0.1766}} {
		law := amp.SparseRademacher{P: c.p}
		rate, ok := amp.RateIT(law)
		if !ok || math.Abs(rate-c.rate) > 5e-5 {
			t.Errorf("p = %g: r_IT = %.6f, %t; want %g", c.p, rate, ok, c.rate)
		}
		for _, side := range []struct{ rate, bayes float64 }{{rate - 1e-6, c.reached}, {rate + 1e-6, 0}} {
			prediction, err := amp.PredictPrior(law, side.rate, nil)
			if err != nil {
				t.Fatal(err)
			}
			checkAbsolute(t, fmt.Sprintf("p = %g, r = %g: amp", c.p, side.rate), prediction.AMP, c.reached, 1e-4)
			checkAbsolute(t, fmt.Sprintf("p = %g, r = %g: bayes", c.p, side.rate), prediction.Bayes, side.bayes, 1e-4)
		}
	}
	for _, law := range []amp.Prior{amp.SparseGaussian{P: 0.4}, spiky{0.3}, nil} {
		if rate, ok := amp.RateIT(law); ok {
			t.Errorf("%T: r_IT = %g for a law that is not discrete", law, rate)
		}
	}
}

// SR(1) at r = 1.3: the fixed point .0857 is AMP's, not Bayes'. Where AMP itself finds the data the two agree again.
func TestBayesIsTheOptimum(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rate, reached, bayes float64 }{{1, 0.251757, 0.251757}, {1.3, 0.085728, 0}, {1.4, 0, 0}} {
		prediction, err := amp.Predict(amp.Point{Data: "sparse-rademacher", P: 1, Rate: c.rate}, nil)
		if err != nil {
			t.Fatal(err)
		}
		bayes, err := amp.BayesMSE(amp.SparseRademacher{P: 1}, c.rate)
		if err != nil {
			t.Fatal(err)
		}
		checkAbsolute(t, fmt.Sprintf("r = %g: amp", c.rate), prediction.AMP, c.reached, 1e-6)
		checkAbsolute(t, fmt.Sprintf("r = %g: bayes", c.rate), prediction.Bayes, c.bayes, 1e-6)
		checkAbsolute(t, fmt.Sprintf("r = %g: BayesMSE", c.rate), bayes, c.bayes, 1e-6)
	}
}

// A law near sparse Rademacher has two fixed points too. Along the branch of AMP the Bayes error jumps where the potentials cross:
// near r_IT of SR(1), and from there on both approach those of SR(1) as the law does.
func TestBayesOfANearlyDiscreteLaw(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p, rate float64
		hard    bool
	}{{0.999, 1.15, false}, {0.999, 1.25, true}, {0.9999, 1.09, false}, {0.9999, 1.13, true}, {0.9, 1.3, false}} {
		law := amp.SparseMixture{P: c.p, Mean: 1}
		prediction, err := amp.PredictPrior(law, c.rate, nil)
		if err != nil {
			t.Fatal(err)
		}
		if hard := prediction.Bayes < prediction.AMP/2; hard != c.hard || !hard && prediction.Bayes != prediction.AMP {
			t.Errorf("p = %g, r = %g: amp %g, bayes %g; want a hard phase: %t", c.p, c.rate, prediction.AMP, prediction.Bayes, c.hard)
		}
	}
}

// The families with a density, away from discrete laws, have one fixed point.
func TestContinuousLawsHaveOneFixedPoint(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"gaussian", "sparse-gaussian", "sparse-laplace", "sparse-uniform"} {
		for _, p := range []float64{0.01, 0.1, 0.4, 1} {
			for _, rate := range []float64{0.05, 0.3, 1, 1.6} {
				prediction, err := amp.Predict(amp.Point{Data: name, P: p, Rate: rate}, nil)
				if err != nil {
					t.Fatal(err)
				}
				if prediction.Bayes != prediction.AMP {
					t.Errorf("%s, p = %g, r = %g: amp %g, bayes %g", name, p, rate, prediction.AMP, prediction.Bayes)
				}
			}
		}
	}
}
