package datasets_test

import (
	"math"
	"testing"

	"autoamp/datasets"
	"autoamp/kernels"
)

// sampled is a table of independent coordinates.
func sampled(law kernels.Law, scale float32) *datasets.Table {
	t := &datasets.Table{Data: make([]float32, 1<<20), Cols: 64}
	kernels.Sample(t.Data, 0, law, kernels.Stream{Seed: 3})
	kernels.Scale(t.Data, t.Data, scale)
	return t
}

func TestPixelLaw(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		law              kernels.Law
		kurtosis, b      float64
		laplace, gauss   float64 // Kolmogorov distances
		laplaceIsLikeler bool
	}{
		// Between the two laws the distance is 0.0625 to three digits: |laplaceCDF − gaussCDF| is largest near |x| = 0.6.
		"Laplace": {kernels.Law{Kind: kernels.SparseLaplace, P: 1}, 6, 1 / math.Sqrt2, 0, 0.0625, true},
		"Gauss":   {kernels.Law{Kind: kernels.Gaussian}, 3, math.Sqrt(2 / math.Pi), 0.0625, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const scale = 0.5
			l := datasets.NewPixelLaw(sampled(tt.law, scale), 1)
			// A million coordinates: 4 standard errors, the kurtosis of Laplace having 0.03 of them.
			check(t, "second moment", l.SecondMoment, scale*scale, 0.003)
			check(t, "kurtosis", l.Kurtosis, tt.kurtosis, 0.3)
			check(t, "Laplace scale", l.LaplaceScale, scale*tt.b, 0.002)
			check(t, "distance to Laplace", l.LaplaceDistance, tt.laplace, 0.003)
			check(t, "distance to Gauss", l.GaussDistance, tt.gauss, 0.003)
			if (l.LaplaceLikelihood > l.GaussLikelihood) != tt.laplaceIsLikeler {
				t.Errorf("log-likelihoods %g and %g", l.LaplaceLikelihood, l.GaussLikelihood)
			}
			var mass, laplace float64
			for _, bin := range l.Histogram {
				mass += bin.Density * (bin.To - bin.From)
				laplace += bin.Laplace * (bin.To - bin.From)
			}
			check(t, "mass of the histogram", mass, 1, 0.001)
			check(t, "mass of the density", laplace, 1-math.Exp(-5*math.Sqrt2), 1e-12)
		})
	}
}

func check(t *testing.T, name string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %g, want %g", name, got, want)
	}
}

// Masked coordinates keep their second moment and are zero with probability 1 − p.
func TestCoordinates(t *testing.T) {
	t.Parallel()
	table := sampled(kernels.Law{Kind: kernels.Gaussian}, 1)
	x := table.Coordinates(200000, 0.3, 5)
	zeros, square := 0.0, 0.0
	for _, v := range x {
		square += v * v / float64(len(x))
		if v == 0 {
			zeros += 1 / float64(len(x))
		}
	}
	check(t, "share of zeros", zeros, 0.7, 4*math.Sqrt(0.21/200000))
	check(t, "second moment", square, 1, 4*math.Sqrt((3/0.3-1)/200000))
	for _, v := range table.Coordinates(1000, 1, 5) {
		if v == 0 {
			t.Fatal("p = 1 masks")
		}
	}
}
