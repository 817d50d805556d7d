package amp

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// Haar draws a Haar encoder B (n, d): orthonormal rows for n ≤ d, B = √(n/d)·Q with orthonormal columns for n > d,
// uniformly distributed. It is the QR factor of a Gaussian matrix with the signs of R's diagonal moved to Q, at a cost
// of O(nd·min(n,d)).
//
// Source: amp/THEORY.md §1.
func Haar(n, d int, r *rand.Rand) (*mat.Dense, error) {
	if n < 1 || d < 1 {
		return nil, &DomainError{"n, d", fmt.Sprintf("%d, %d", n, d), "must be at least 1"}
	}
	if r == nil {
		return nil, &DomainError{"r", "nil", "must be a random source"}
	}
	long, short := max(n, d), min(n, d)
	q := orthonormalColumns(long, short, r)
	if n <= d {
		return mat.DenseCopyOf(q.T()), nil
	}
	q.Scale(math.Sqrt(float64(n)/float64(d)), q)
	return q, nil
}

// orthonormalColumns returns a uniformly distributed (long, short) matrix with orthonormal columns.
func orthonormalColumns(long, short int, r *rand.Rand) *mat.Dense {
	g := mat.NewDense(long, short, nil)
	for i := range long {
		row := g.RawRowView(i)
		for j := range row {
			row[j] = r.NormFloat64()
		}
	}
	raw := g.RawMatrix()
	tau := make([]float64, short)
	query := make([]float64, 1)
	lapack64.Geqrf(raw, tau, query, -1)
	work := make([]float64, int(query[0]))
	lapack64.Geqrf(raw, tau, work, len(work))
	signs := make([]float64, short)
	for j := range signs {
		signs[j] = math.Copysign(1, g.At(j, j))
	}
	lapack64.Orgqr(raw, tau, query, -1)
	work = make([]float64, int(query[0]))
	lapack64.Orgqr(raw, tau, work, len(work))
	for i := range long {
		row := g.RawRowView(i)
		for j := range row {
			row[j] *= signs[j]
		}
	}
	return g
}
