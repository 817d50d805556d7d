// Package symmetric is the float64 linear algebra of covariances: XᵀX and its eigendecomposition, by OpenBLAS where
// it is installed and by gonum elsewhere. OpenBLAS is opened at run time; there is no cgo in it.
package symmetric

import (
	"context"
	"errors"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// Algebra computes with OpenBLAS, or with gonum where it is the zero value. Its calls must not run at the same time as
// other products by OpenBLAS, whose number of threads it sets.
type Algebra struct{ lib *openBLAS }

// Open returns the fastest algebra of this machine.
func Open() Algebra { return Algebra{openOpenBLAS()} }

// Name returns the library in use: "OpenBLAS" or "gonum".
func (a Algebra) Name() string {
	if a.lib != nil {
		return "OpenBLAS"
	}
	return "gonum"
}

// AddGram adds XᵀX to c, where x is X, row-major (N, d), and c is (d, d). Only the elements of c on and above the
// diagonal are defined.
func (a Algebra) AddGram(c, x []float64, d int) {
	rows := len(x) / d
	if rows == 0 {
		return
	}
	if a.lib != nil {
		a.lib.syrk(c, x, rows, d)
		return
	}
	addGramTiles(c, x, rows, d)
}

// tile is the width of the blocks of columns, which gonum multiplies on all cores.
const tile = 512

func addGramTiles(c, x []float64, rows, d int) {
	block := func(data []float64, rows, cols int) blas64.General {
		return blas64.General{Rows: rows, Cols: cols, Stride: d, Data: data}
	}
	for i := 0; i < d; i += tile {
		m := min(tile, d-i)
		for j := i; j < d; j += tile {
			n := min(tile, d-j)
			blas64.Gemm(blas.Trans, blas.NoTrans, 1, block(x[i:], rows, m), block(x[j:], rows, n), 1, block(c[i*d+j:], m, n))
		}
	}
}

// errNoConvergence does not happen to finite matrices.
var errNoConvergence = errors.New("symmetric: the eigendecomposition did not converge")

// Eigen returns the eigenvalues of the symmetric matrix c (d, d) in ascending order and, with vectors, overwrites c by
// the eigenvectors: vector k is row k. It reads c on and above the diagonal and destroys it. On a cancelled context it
// returns at once, and the computation, which cannot be stopped, goes on with c.
func (a Algebra) Eigen(ctx context.Context, c []float64, d int, vectors bool) ([]float64, error) {
	values, ok := make([]float64, d), make(chan bool, 1)
	go func() {
		if a.lib != nil {
			ok <- a.lib.syevd(c, values, d, vectors)
			return
		}
		ok <- eigenGonum(c, values, d, vectors)
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case ok := <-ok:
		if !ok {
			return nil, errNoConvergence
		}
		return values, nil
	}
}

func eigenGonum(c, values []float64, d int, vectors bool) bool {
	job := lapack.EVNone
	if vectors {
		job = lapack.EVCompute
	}
	matrix := blas64.Symmetric{N: d, Stride: d, Data: c, Uplo: blas.Upper}
	work := make([]float64, 1)
	lapack64.Syev(job, matrix, values, work, -1)
	work = make([]float64, int(work[0]))
	ok := lapack64.Syev(job, matrix, values, work, len(work))
	transpose(c, d)
	return ok
}

// transpose transposes a (d, d) matrix in place.
func transpose(c []float64, d int) {
	for i := range d {
		for j := range i {
			c[i*d+j], c[j*d+i] = c[j*d+i], c[i*d+j]
		}
	}
}
