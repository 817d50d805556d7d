package kogler

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"autoamp/train/matrix"
)

// A rotation by a quarter turn in planes is antisymmetric, a reflection symmetric, a random matrix neither. Signs and the order of
// rows do not matter.
func TestAntisymmetry(t *testing.T) {
	t.Parallel()
	const d = 40
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name    string
		rest    func(i, k int, g float64) (ik, ki float64)
		want    float64
		allowed float64
	}{
		{"antisymmetric", func(_, _ int, g float64) (float64, float64) { return g, -g }, 1, 1e-12},
		{"symmetric", func(_, _ int, g float64) (float64, float64) { return g, g }, -1, 1e-12},
		{"random", func(_, _ int, g float64) (float64, float64) { return g, r.NormFloat64() }, 0, 4.0 / d}, // four standard errors
	} {
		b := mat.NewDense(d, d, nil)
		order := r.Perm(d)
		entry := func(i, k int, v float64) {
			sign := float64(1 - 2*(order[i]%2))
			b.Set(order[i], k, sign*v)
		}
		for i := range d {
			entry(i, i, 20)
			for k := range i {
				ik, ki := c.rest(i, k, r.NormFloat64())
				entry(i, k, ik)
				entry(k, i, ki)
			}
		}
		if got := antisymmetry(b); math.Abs(got-c.want) > c.allowed {
			t.Errorf("%s: %g, want %g", c.name, got, c.want)
		}
	}
	if got := antisymmetry(mat.NewDense(2, 2, []float64{2, 1, 1, 0})); !math.IsNaN(got) {
		t.Errorf("two rows with one column: %g, want NaN", got)
	}
}

// The chain's rows have unit length and its links the strength ε.
func TestChainWeights(t *testing.T) {
	t.Parallel()
	const d, epsilon = 30, 0.4
	w, _ := chainWeights(d, epsilon, 0.6)
	b := matrix.Widened(d, d, w)
	for i := range d {
		if n := mat.Norm(b.RowView(i), 2); math.Abs(n-1) > 1e-6 {
			t.Errorf("row %d has length %g", i, n)
		}
	}
	if got := link(b); math.Abs(got-epsilon) > 1e-6 {
		t.Errorf("link %g, want %g", got, epsilon)
	}
}
