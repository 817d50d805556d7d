package symmetric_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"autoamp/datasets/internal/symmetric"
)

// The covariance of 2048 samples and its eigendecomposition, for each library.
func BenchmarkAlgebras(b *testing.B) {
	for _, algebra := range []symmetric.Algebra{symmetric.Open(), {}} {
		for _, d := range []int{784, 1024, 3072} {
			x, gram := make([]float64, 2048*d), make([]float64, d*d)
			r := rand.New(rand.NewPCG(1, 2))
			for i := range x {
				x[i] = r.NormFloat64()
			}
			b.Run(fmt.Sprintf("gram/%s/d=%d", algebra.Name(), d), func(b *testing.B) {
				for b.Loop() {
					clear(gram)
					algebra.AddGram(gram, x, d)
				}
			})
			b.Run(fmt.Sprintf("eigen/%s/d=%d", algebra.Name(), d), func(b *testing.B) {
				c := make([]float64, d*d)
				for b.Loop() {
					copy(c, gram)
					if _, err := algebra.Eigen(b.Context(), c, d, true); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
