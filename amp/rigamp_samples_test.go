package amp_test

import (
	"fmt"
	"math"
	"testing"

	"autoamp/amp"
)

// TestRIGAMPSamples feeds the optimal functions to the sampled state evolution and compares it with the exact one. Its
// coefficients have a relative standard error near 1/√count = 0.003, more where p is small, and those of one iteration
// enter the next: 1.5 % leaves room for three (measured: 1.1 % at p = 0.2, rate 1.5, elsewhere below 0.3 %).
func TestRIGAMPSamples(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		prior amp.Prior
		rate  float64
	}{
		{amp.SparseGaussian{P: 0.2}, 0.5}, {amp.SparseGaussian{P: 0.4}, 1}, {amp.SparseGaussian{P: 0.2}, 1.5},
		{amp.SparseRademacher{P: 0.3}, 1}, {amp.Gaussian{}, 0.7},
	} {
		t.Run(fmt.Sprintf("%+v/rate=%g", c.prior, c.rate), func(t *testing.T) {
			t.Parallel()
			const iterations = 3
			want, err := amp.RIGAMPStateEvolution(c.prior, c.rate, nil, iterations)
			if err != nil {
				t.Fatal(err)
			}
			s, err := amp.NewRIGAMPSamples(c.prior, c.rate, 1<<17, 1)
			if err != nil {
				t.Fatal(err)
			}
			zhat := s.Code()
			for i := range iterations {
				if _, err := s.ToData(zhat); err != nil {
					t.Fatal(err)
				}
				mean, mse := s.PosteriorMean()
				if math.Abs(mse-want.MSE[i]) > 1.5e-2*want.MSE[i] {
					t.Errorf("iteration %d: error %.5f, want %.5f", i+1, mse, want.MSE[i])
				}
				if e := s.Error(mean); e != mse {
					t.Errorf("iteration %d: Error of the posterior mean %g, want %g", i+1, e, mse)
				}
				if _, err := s.ToCode(mean); err != nil {
					t.Fatal(err)
				}
				zhat = s.Output()
			}
			if _, err := s.ToCode(zhat); err == nil {
				t.Error("ToCode twice in a row: no error")
			}
		})
	}
	if _, err := amp.NewRIGAMPSamples(amp.Gaussian{}, 1, 5, 1); err == nil {
		t.Error("5 samples: no error")
	}
}
