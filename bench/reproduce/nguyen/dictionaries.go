package nguyen

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"autoamp/datasets"
	"autoamp/kernels"
)

// The dictionaries. Their incoherence μ = √d·max|⟨A_i, A_j⟩| is 0, 1, about √(2·ln m²), and more than that.
const (
	orthogonalAtoms = "orthogonal" // random, each made orthogonal to those before it
	basisAtoms      = "bases"      // random atoms of two bases, the unit vectors and Hadamard's: half of the atoms of each
	randomAtoms     = "random"     // independent and uniform on the sphere
	alikeAtoms      = "alike"      // the same with an inner product of alikeness between any two
)

// alikeness is the mean inner product of alikeAtoms.
const alikeness = 0.1

// atomsOf returns a dictionary, (atoms, dim).
func atomsOf(kind string, atoms, dim int, seed uint64) ([]float32, error) {
	if kind == basisAtoms {
		return twoBases(atoms, dim, seed)
	}
	a, err := datasets.Dictionary(atoms, dim, seed)
	switch {
	case err != nil:
		return nil, err
	case kind == orthogonalAtoms:
		return orthogonal(a, atoms), nil
	case kind == alikeAtoms:
		return alike(a, atoms), nil
	}
	return a, nil
}

// orthogonal makes unit rows orthogonal, each to those before it.
func orthogonal(a []float32, rows int) []float32 {
	var qr mat.QR
	qr.Factorize(wide(a, rows).T())
	var q, r mat.Dense
	qr.QTo(&q)
	qr.RTo(&r)
	out, dim := make([]float32, len(a)), len(a)/rows
	for i := range rows {
		for j := range dim {
			out[i*dim+j] = float32(q.At(j, i) * math.Copysign(1, r.At(i, i)))
		}
	}
	return out
}

// alike adds a common direction to unit rows, the last one's.
func alike(a []float32, rows int) []float32 {
	dim := len(a) / rows
	common := a[len(a)-dim:]
	out := make([]float32, len(a))
	for i := 0; i < len(a); i += dim {
		kernels.Axpy(out[i:i+dim], a[i:i+dim], float32(math.Sqrt(1-alikeness)))
		kernels.Axpy(out[i:i+dim], common, float32(math.Sqrt(alikeness)))
	}
	kernels.RowNormalize(out, make([]float32, rows), out, rows, dim)
	return out
}

// twoBases takes half of the atoms from the unit vectors and half from the rows of Hadamard's matrix, (−1)^{|i∧j|}/√d.
func twoBases(atoms, dim int, seed uint64) ([]float32, error) {
	half := atoms / 2
	if bits.OnesCount(uint(dim)) != 1 || 2*half != atoms || half > dim {
		return nil, fmt.Errorf("nguyen: %d atoms of two bases in dimension %d: must be an even number to 2d, and d a power of two", atoms, dim)
	}
	r := rand.New(rand.NewPCG(seed, 0))
	units, rows := r.Perm(dim), r.Perm(dim)
	a, entry := make([]float32, atoms*dim), float32(1/math.Sqrt(float64(dim)))
	for i := range half {
		a[i*dim+units[i]] = 1
		for j := range dim {
			a[(half+i)*dim+j] = entry * float32(1-2*(bits.OnesCount(uint(rows[i]&j))%2))
		}
	}
	return a, nil
}
