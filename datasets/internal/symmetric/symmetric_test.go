package symmetric_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"autoamp/datasets/internal/symmetric"
)

// Both libraries must give XᵀX and a decomposition that puts it together again; 520 is more than one tile.
func TestAlgebras(t *testing.T) {
	t.Parallel()
	for _, algebra := range []symmetric.Algebra{symmetric.Open(), {}} {
		for _, size := range [][2]int{{1, 1}, {3, 5}, {40, 7}, {530, 520}} {
			rows, d := size[0], size[1]
			r := rand.New(rand.NewPCG(1, 2))
			x := make([]float64, rows*d)
			for i := range x {
				x[i] = r.NormFloat64()
			}
			gram := make([]float64, d*d)
			algebra.AddGram(gram, x[:d], d)
			algebra.AddGram(gram, x[d:], d)
			entry := func(i, j int) (sum float64) {
				for k := range rows {
					sum += x[k*d+i] * x[k*d+j]
				}
				return sum
			}
			near(t, algebra.Name()+" corner of XᵀX", gram[d-1], entry(0, d-1), rows)
			near(t, algebra.Name()+" end of XᵀX", gram[d*d-1], entry(d-1, d-1), rows)

			vectors := append([]float64(nil), gram...)
			values, err := algebra.Eigen(t.Context(), vectors, d, true)
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range [][2]int{{0, d - 1}, {d / 2, d - 1}, {d - 1, d - 1}} {
				var sum float64
				for k, value := range values {
					sum += value * vectors[k*d+at[0]] * vectors[k*d+at[1]]
				}
				near(t, algebra.Name()+" VΛVᵀ", sum, entry(at[0], at[1]), rows)
			}
			only, err := algebra.Eigen(t.Context(), gram, d, false)
			if err != nil {
				t.Fatal(err)
			}
			for k := range values {
				near(t, algebra.Name()+" eigenvalue", only[k], values[k], rows)
				if k > 0 && values[k] < values[k-1] {
					t.Errorf("%s: the eigenvalues do not ascend", algebra.Name())
				}
			}
		}
	}
}

// near allows the rounding of matrices whose norm is a few times rows.
func near(t *testing.T, what string, got, want float64, rows int) {
	t.Helper()
	if math.Abs(got-want) > 1e-12*float64(rows) {
		t.Errorf("%s = %g, want %g", what, got, want)
	}
}

func TestCancelledEigen(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	const d = 200
	c := make([]float64, d*d)
	for range 20 { // the result may be there first
		if _, err := (symmetric.Algebra{}).Eigen(ctx, c, d, true); errors.Is(err, context.Canceled) {
			return
		}
		c = make([]float64, d*d)
	}
	t.Error("a cancelled context is not noticed")
}
