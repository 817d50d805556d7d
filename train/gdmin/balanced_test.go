package gdmin

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Counts of every coordinate, and the law of one mask alone: 4 standard errors of means, variances of the size and
// correlations of two coordinates, over 20,000 draws.
func TestBalancedMasks(t *testing.T) {
	t.Parallel()
	const d, draws = 4, 20_000
	r := rand.New(rand.NewPCG(8, 1))
	for _, tt := range []struct {
		count int
		p     float64
	}{{7, 0.3}, {10, 0.3}, {1, 0.6}} {
		kept, both := [d]float64{}, 0.0
		for range draws {
			masks := balancedMasks(d, tt.count, tt.p, r)
			for j := range d {
				total := 0.0
				for _, m := range masks {
					if m.Keep[j] {
						total++
					}
				}
				if math.Abs(total-tt.p*float64(tt.count)) >= 1 {
					t.Fatalf("coordinate %d is kept in %g of %d masks at p = %g", j, total, tt.count, tt.p)
				}
			}
			for j, k := range masks[tt.count-1].Keep {
				if k {
					kept[j]++
				}
			}
			if masks[0].Keep[0] && masks[0].Keep[1] {
				both++
			}
		}
		allowed := 4 * math.Sqrt(0.25/draws)
		for j := range d {
			if got := kept[j] / draws; math.Abs(got-tt.p) > allowed {
				t.Errorf("%+v: coordinate %d is kept with probability %g", tt, j, got)
			}
		}
		if got := both / draws; math.Abs(got-tt.p*tt.p) > allowed {
			t.Errorf("%+v: two coordinates are kept with probability %g, want p²", tt, got)
		}
	}
}

// Balanced masks have less than a third of the noise of independent ones in the decoder at d = 40. The ratio grows like √d.
func TestBalancedMasksHaveLessNoise(t *testing.T) {
	t.Parallel()
	const n, d, masks, steps = 20, 40, 60, 30
	spread := func(design string) float64 {
		c := gdminConfig(n, d, masks)
		c.GDMin.Design = design
		o := newMaskObjective(c, replicaAt(0.3))
		b := gaussianRows(n, d)
		sum, squares := make([]float64, n*d), 0.0
		for step := range uint64(steps) {
			a, _, err := o.fit(b, step)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range a.RawMatrix().Data {
				sum[i] += v
				squares += v * v
			}
		}
		for _, v := range sum {
			squares -= v * v / steps
		}
		return math.Sqrt(squares / (n * d * (steps - 1)))
	}
	if balanced, independent := spread("balanced"), spread("independent"); balanced > independent/3 {
		t.Errorf("standard deviation of the decoder %g, of independent masks %g", balanced, independent)
	}
}
