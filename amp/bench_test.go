package amp_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"autoamp/amp"
)

// One point with all predictions: the goal is 50 ms.
func BenchmarkPredict(b *testing.B) {
	for _, name := range amp.PriorNames() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := amp.Predict(amp.Point{Data: name, P: 0.4, MixtureMean: 1, Rate: 1}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A Bayes curve over 100 rates: the goal is 2 s.
func BenchmarkBayesCurve(b *testing.B) {
	for _, name := range amp.PriorNames() {
		b.Run(name, func(b *testing.B) {
			law := mustPrior(b, name, 0.2, 1)
			passes := 0
			for b.Loop() {
				passes = 0
				for i := 1; i <= 100; i++ {
					trajectory, err := amp.StateEvolution(law, 0.02*float64(i), nil)
					if err != nil {
						b.Fatal(err)
					}
					passes += len(trajectory.MSE)
				}
			}
			b.ReportMetric(float64(passes)/100, "passes/point")
		})
	}
}

func BenchmarkMMSE(b *testing.B) {
	for name, law := range map[string]amp.Prior{
		"sparse-gaussian": amp.SparseGaussian{P: 0.4}, "sparse-laplace": amp.SparseLaplace{P: 0.4}, "empirical": empiricalLaw(b),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				law.MMSE(0.57)
			}
		})
	}
}

func BenchmarkPosteriorMean(b *testing.B) {
	for _, name := range amp.PriorNames() {
		b.Run(name, func(b *testing.B) {
			law := mustPrior(b, name, 0.4, 1)
			b.ReportAllocs()
			for b.Loop() {
				law.PosteriorMean(0.9, 0.57)
			}
		})
	}
}

func BenchmarkProbitGain(b *testing.B) {
	for b.Loop() {
		amp.ProbitGain(0.7)
	}
}

func BenchmarkThreeLayerDecoder(b *testing.B) {
	for b.Loop() {
		if _, err := amp.ThreeLayerDecoder(amp.SparseGaussian{P: 0.4}, 1); err != nil {
			b.Fatal(err)
		}
	}
}

// VAMP and RI-GAMP to the end on one code.
func BenchmarkAlgorithms(b *testing.B) {
	law := amp.SparseGaussian{P: 0.4}
	for _, d := range []int{512, 4096} {
		r := rand.New(rand.NewPCG(1, 1))
		op, err := amp.NewFlat(newFastEncoder(d, d, r))
		if err != nil {
			b.Fatal(err)
		}
		y := signs(op, unitEnergyInput(law, d, r), r)
		b.Run(fmt.Sprintf("vamp/d=%d", d), func(b *testing.B) {
			for b.Loop() {
				if _, err := amp.VAMP(op, y, law, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
		evolution, err := amp.RIGAMPStateEvolution(law, 1, nil, 4)
		if err != nil {
			b.Fatal(err)
		}
		f, g := evolution.Functions(law)
		b.Run(fmt.Sprintf("rigamp/d=%d", d), func(b *testing.B) {
			for b.Loop() {
				if _, err := amp.RIGAMP(op, y, nil, f, g); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A point of the distortion–rate function: the goal is 50 ms.
func BenchmarkDistortionRate(b *testing.B) {
	for _, name := range amp.PriorNames() {
		for _, rate := range []float64{0.25, 1} {
			b.Run(fmt.Sprintf("%s/r=%g", name, rate), func(b *testing.B) {
				law := mustPrior(b, name, 0.2, 1)
				for b.Loop() {
					if _, err := amp.DistortionRateAt(law, rate); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
