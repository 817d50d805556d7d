package hardphase

import (
	"math"
	"math/rand/v2"
	"testing"

	"autoamp/amp"
)

// byHand is the same without sorting, packing or recursion: codes as strings in a map, inputs counted up.
func byHand(t *testing.T, p float64, n, d int, r *rand.Rand) exact {
	t.Helper()
	b, err := amp.Haar(n, d, r)
	if err != nil {
		t.Fatal(err)
	}
	values := []float64{-1 / math.Sqrt(p), 1 / math.Sqrt(p)}
	if p < 1 {
		values = append(values, 0)
	}
	type cell struct{ probability, second, first []float64 }
	cells := map[string]*cell{}
	total := int(math.Round(math.Pow(float64(len(values)), float64(d))))
	for number := range total {
		x, weight := make([]float64, d), 1.0
		for j, rest := 0, number; j < d; j, rest = j+1, rest/len(values) {
			if x[j] = values[rest%len(values)]; x[j] == 0 {
				weight *= 1 - p
			} else {
				weight *= p / 2
			}
		}
		code := ""
		for i := range n {
			z := 0.0
			for j, v := range x {
				z += b.At(i, j) * v
			}
			if z >= 0 {
				code += "+"
			} else {
				code += "-"
			}
		}
		if cells[code] == nil {
			cells[code] = &cell{make([]float64, 1), make([]float64, 1), make([]float64, d)}
		}
		c := cells[code]
		c.probability[0] += weight
		for j, v := range x {
			c.first[j] += weight * v
			c.second[0] += weight * v * v
		}
	}
	var e exact
	for _, c := range cells {
		e.entropy -= c.probability[0] * math.Log2(c.probability[0]) / float64(d)
		e.mse += c.second[0] / float64(d)
		for _, f := range c.first {
			e.mse -= f * f / c.probability[0] / float64(d)
		}
	}
	return e
}

func TestEnumerate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    float64
		n, d int
	}{{1, 6, 6}, {1, 10, 8}, {0.7, 9, 5}, {0.4, 3, 6}} {
		got, err := enumerate(c.p, c.n, c.d, rand.New(rand.NewPCG(7, 8)))
		if err != nil {
			t.Fatal(err)
		}
		want := byHand(t, c.p, c.n, c.d, rand.New(rand.NewPCG(7, 8)))
		if math.Abs(got.entropy-want.entropy) > 1e-12 || math.Abs(got.mse-want.mse) > 1e-12 {
			t.Errorf("p = %g, n = %d, d = %d: %+v, by hand %+v", c.p, c.n, c.d, got, want)
		}
	}
}

// One bit of one sign is known by heart: H = 1, and with x = ±1 nothing is left.
func TestEnumerateOneCoordinate(t *testing.T) {
	t.Parallel()
	got, err := enumerate(1, 1, 1, rand.New(rand.NewPCG(1, 1)))
	if err != nil || got != (exact{1, 0}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// The polynomial through points 1/d reproduces polynomials.
func TestExtrapolate(t *testing.T) {
	t.Parallel()
	f := func(d float64) float64 { return 0.9 - 0.4/d + 3/(d*d) }
	if got := extrapolate([]float64{8, 12, 16}, []float64{f(8), f(12), f(16)}); math.Abs(got-0.9) > 1e-12 {
		t.Errorf("%g, want 0.9", got)
	}
}
