package datasets

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"

	"autoamp/kernels"
)

// Haar returns a random encoder of the theory, (rows, cols) row-major, uniformly distributed
// and a function of the seed. With r = rows/cols:
//
//	r ≤ 1: orthonormal rows, B·Bᵀ = I
//	r > 1: B = √r·Q with orthonormal columns, BᵀB = r·I; rows have norm 1 up to O(1/√cols)
//
// It is the Q of a Gaussian matrix's QR decomposition, the columns times the signs of the
// diagonal of R, computed in float64; entries are orthonormal to float32 rounding. A square
// matrix of 4096 takes about a minute on one core.
//
// Source: Mezzadri 2007, "How to generate random matrices from the classical compact groups".
func Haar(rows, cols int, seed uint64) ([]float32, error) {
	if rows < 1 || cols < 1 {
		return nil, fmt.Errorf("datasets: Haar matrix of %d×%d: both must be at least 1", rows, cols)
	}
	long, short := max(rows, cols), min(rows, cols)
	q := orthonormal(long, short, seed)
	if rows <= cols {
		return transposed(q), nil
	}
	scale := math.Sqrt(float64(rows) / float64(cols))
	out := make([]float32, rows*cols)
	for i, v := range q.Data {
		out[i] = float32(scale * v)
	}
	return out, nil
}

// orthonormal returns a (long, short) matrix with orthonormal columns.
func orthonormal(long, short int, seed uint64) blas64.General {
	a := gaussian(long, short, seed)
	tau := make([]float64, short)
	work := make([]float64, 1)
	lapack64.Geqrf(a, tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack64.Geqrf(a, tau, work, len(work))
	signs := make([]float64, short)
	for j := range signs {
		signs[j] = math.Copysign(1, a.Data[j*a.Stride+j])
	}
	lapack64.Orgqr(a, tau, work[:1], -1)
	work = make([]float64, max(len(work), int(work[0])))
	lapack64.Orgqr(a, tau, work, len(work))
	for i := range long {
		for j, s := range signs {
			a.Data[i*a.Stride+j] *= s
		}
	}
	return a
}

// gaussian returns a matrix of independent N(0, 1).
func gaussian(rows, cols int, seed uint64) blas64.General {
	row := make([]float32, cols)
	data := make([]float64, rows*cols)
	for i := range rows {
		kernels.Normal(row, 0, 1, kernels.Stream{Seed: seed, Stream: HaarMatrix, Step: uint64(i)})
		for j, v := range row {
			data[i*cols+j] = float64(v)
		}
	}
	return blas64.General{Rows: rows, Cols: cols, Stride: cols, Data: data}
}

// transposed returns qᵀ as float32.
func transposed(q blas64.General) []float32 {
	out := make([]float32, q.Rows*q.Cols)
	for i := range q.Rows {
		for j := range q.Cols {
			out[j*q.Rows+i] = float32(q.Data[i*q.Stride+j])
		}
	}
	return out
}
