package datasets

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"autoamp/kernels"
)

// Dictionary returns random atoms, (atoms, dim) row-major: the normalised rows of a Gaussian matrix, a function of the seed.
func Dictionary(atoms, dim int, seed uint64) ([]float32, error) {
	if atoms < 1 || dim < 1 {
		return nil, fmt.Errorf("datasets: dictionary of %d×%d: both must be at least 1", atoms, dim)
	}
	a := make([]float32, atoms*dim)
	kernels.Normal(a, 0, 1, kernels.Stream{Seed: seed, Stream: DictionaryMatrix})
	kernels.RowNormalize(a, make([]float32, atoms), a, atoms, dim)
	return a, nil
}

// Coherence is how far from orthogonal the unit rows of a dictionary are.
type Coherence struct {
	// Max and Mean are of |⟨aᵢ, aⱼ⟩| over i ≠ j, both 0 for a single atom. Max is μ₀ = h^{−ξ} of Rangamani et al.
	Max  float64 `json:"max"`
	Mean float64 `json:"mean"`
	// Mu is μ = √d·Max, the incoherence of Nguyen et al.
	Mu float64 `json:"mu"`
}

// CoherenceOf measures a dictionary of atoms rows.
func CoherenceOf(dictionary []float32, atoms int) Coherence {
	dim := len(dictionary) / atoms
	wide := make([]float64, len(dictionary))
	for i, v := range dictionary {
		wide[i] = float64(v)
	}
	var c Coherence
	const block = 256 // rows of the Gram matrix at a time
	rows := func(lo, hi int) blas64.General {
		return blas64.General{Rows: hi - lo, Cols: dim, Stride: dim, Data: wide[lo*dim : hi*dim]}
	}
	for lo := 0; lo < atoms; lo += block {
		hi := min(lo+block, atoms)
		gram := blas64.General{Rows: hi - lo, Cols: atoms, Stride: atoms, Data: make([]float64, (hi-lo)*atoms)}
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, rows(lo, hi), rows(0, atoms), 0, gram)
		for k, v := range gram.Data {
			if k/atoms+lo != k%atoms {
				c.Max = max(c.Max, math.Abs(v))
				c.Mean += math.Abs(v)
			}
		}
	}
	c.Mean /= math.Max(1, float64(atoms)*float64(atoms-1))
	c.Mu = math.Sqrt(float64(dim)) * c.Max
	return c
}
