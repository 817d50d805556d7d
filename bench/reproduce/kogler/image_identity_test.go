package kogler

import (
	"math"
	"math/rand/v2"
	"testing"

	"autoamp/bench/reproduce"
)

// Rows whose norms are spread: masks and norms leave (E|x|)²/E x² at p·κ·(E|z|)², with 2/π for Gaussian numbers and 1/2 for Laplace
// ones. 4096 rows of 64 numbers with another mask for each seed have a standard error of 0.002.
func TestImageIdentity(t *testing.T) {
	t.Parallel()
	kappa := math.Pow((math.Sqrt(0.2)+math.Sqrt(1.8))/2, 2)
	for name, law := range map[string]struct {
		draw func(*rand.Rand) float64
		gain float64
	}{
		"gaussian": {func(r *rand.Rand) float64 { return r.NormFloat64() }, 2 / math.Pi},
		"laplace":  {func(r *rand.Rand) float64 { return (r.ExpFloat64() - r.ExpFloat64()) / math.Sqrt2 }, 0.5},
	} {
		images := newImageRows(spreadRows(4096, 64, 3, law.draw), spreadRows(64, 64, 4, law.draw), 0.1)
		out, err := imageIdentity{P: 0.8, Rate: 0.5, Seeds: []uint64{1, 2, 3}}.run(images)
		if err != nil {
			t.Fatal(err)
		}
		points := imagePoints(out.Rows)
		if len(points) != 1 || len(points[0].rows) != 3 {
			t.Fatalf("%s: %v", name, points)
		}
		claim := points[0].belowTwoOverPi()
		if want := 0.8 * kappa * law.gain; math.Abs(claim.Found.Value-want) > 0.01 || claim.Found.Seeds != 3 || claim.Found.Stderr == 0 || claim.Found.Stderr > 0.003 {
			t.Errorf("%s: %+v, want %.4f", name, claim.Found, want)
		}
		if claim.Outcome() != reproduce.Pass {
			t.Errorf("%s: %s: %s", name, claim.Outcome(), claim.Note())
		}
	}
}
