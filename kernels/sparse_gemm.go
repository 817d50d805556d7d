package kernels

import (
	"fmt"
	"math"
)

// Products with a matrix that has many zeros.
//
//	C = X·P + β·C,  many entries of X are ±0,  β in {0, 1}
//
// A block of X is compressed: the non-zeros of each row, one after the other, and their places. A tile of P is packed
// with a row for each column of the block; it stays in the first-level cache while all rows of X pass. Each non-zero is
// multiplied by its row of the tile, so that the time is that of the non-zeros.
//
// Order of summation: that of Gemm, and no term but those that are zero is left out. So an element is the same float32
// as Gemm's, and it does not matter who chooses between the two, or when. (Zeros may have another sign.) A NaN or Inf in X is no zero. Columns
// of P that hold a NaN or Inf are left to Gemm, because zero times NaN is NaN.

const (
	// sparseRows is the number of rows of X that are compressed together, at most, where X has more than a level takes at once.
	sparseRows = 512
	// sparseLimit is the share of non-zeros up to which this product is faster, and sparseLimitNarrow that of AVX-512 where all
	// columns are in one tile, which they do not fill, and C is transposed: blocks are compressed, and sums transposed, for little.
	sparseLimit       = 0.5
	sparseLimitNarrow = 0.15
	// sparseSquare is the number of rows of a transposed X that are transposed together.
	sparseSquare = 64
)

// SparseWorkspace holds the buffers of products with zeros. They grow to the largest size used and are kept. Goroutines must
// not share a workspace; products in different workspaces may run at the same time.
type SparseWorkspace struct {
	dense  *Workspace
	blocks []sparseBlock
	values []float32 // of the non-zeros, a block after the other, and in it a row after the other
	places []uint16  // their rows of the tile, in bytes from the first
	counts []uint32  // non-zeros of each row of each block
	square []float32 // part of a transposed X
	tiles  []float32 // of P, aligned to cache lines
	sums   []float32 // a tile's columns of C, where C has no room for them
	part   []float32 // and their sums since Gemm would last have added to C
}

// NewSparseWorkspace returns a workspace whose products are those of Gemm with a given workspace, at its level.
func NewSparseWorkspace(dense *Workspace) *SparseWorkspace {
	ws := &SparseWorkspace{dense: dense}
	if dense.level > Scalar {
		s := sparseBlockingOf(dense.level)
		ws.square = alignedFloats((s.depth + s.lanes) * (sparseSquare + s.lanes))
	}
	return ws
}

// SparseGemm computes C = op(X)·op(P) + β·C for a matrix X = A with many zeros and P = B, where β is 0 or 1 and α is 1. If C.Trans is set, the
// transpose of C is stored, which is (N, M). The result is that of Gemm, for any X and P; where X has few zeros, it is computed
// by Gemm.
//
// Each element's value depends on its row of op(X), its column of op(P), k and the level, as Gemm's does.
//
// SparseGemm panics if a slice is too short for its matrix. It allocates only where the workspace has
// not seen a product of this size.
func SparseGemm(ws *SparseWorkspace, p Product) {
	p.checkSparse()
	if p.M == 0 || p.N == 0 {
		return
	}
	if p.K == 0 || ws.dense.level == Scalar {
		ws.gemm(p)
		return
	}
	p.C.check("C", p.M, p.N)
	p.A.check("X", p.M, p.K)
	p.B.check("P", p.K, p.N)
	if !p.A.looksSparse(p.M, p.K, sparseLimitOf(ws.dense.level, &p)) {
		ws.gemm(p)
		return
	}
	rows := evenly(p.M, sparseRows, 1)
	if p.M <= sparseBlockingOf(ws.dense.level).rows {
		rows = p.M
	}
	for i := 0; i < p.M; i += rows {
		part := p.rows(i, min(rows, p.M-i))
		if ws.compress(part) {
			ws.multiply(part)
		} else {
			ws.gemm(part)
		}
	}
}

func (p *Product) checkSparse() {
	if p.M < 0 || p.N < 0 || p.K < 0 {
		panic(fmt.Sprintf("kernels: sparse gemm of m = %d, n = %d, k = %d: must not be negative", p.M, p.N, p.K))
	}
	if p.Alpha != 1 || p.Beta != 0 && p.Beta != 1 {
		panic(fmt.Sprintf("kernels: sparse gemm with alpha = %v, beta = %v: must be 1, and 0 or 1", p.Alpha, p.Beta))
	}
}

// gemm leaves a product to Gemm.
func (ws *SparseWorkspace) gemm(p Product) {
	if p.C.Trans {
		p = p.Transposed()
	}
	Gemm(ws.dense, p)
}

// rows is the product of m rows of op(A), from row i on.
func (p Product) rows(i, m int) Product {
	p.M = m
	p.A.Data = p.A.from(p.A.Trans, i, 0)
	p.C.Data = p.C.from(p.C.Trans, i, 0)
	return p
}

// columns is the product with n columns of op(B), from column j on.
func (p Product) columns(j, n int) Product {
	p.N = n
	p.B.Data = p.B.from(!p.B.Trans, j, 0)
	p.C.Data = p.C.from(!p.C.Trans, j, 0)
	return p
}

// sparseLimitOf is the share of non-zeros up to which a product with them is faster than Gemm.
func sparseLimitOf(level Level, p *Product) float64 {
	if level == AVX512 && p.C.Trans && p.N < sparseBlockingOf(level).width {
		return sparseLimitNarrow
	}
	return sparseLimit
}

// looksSparse guesses from some places of an operand of rows × cols, all over it, whether it has many zeros. So the usual matrix without
// zeros costs no time that can be measured: nothing here branches or divides. Where the guess is wrong, compress corrects it.
func (x *Matrix) looksSparse(rows, cols int, limit float64) bool {
	if x.Trans {
		rows, cols = cols, rows
	}
	const places, stride = 128, 79 // odd: a permutation of the places, and so of the columns
	nonZeros := 0
	for q := range uint(places) {
		row, col := q*uint(rows)/places, q*stride%places*uint(cols)/places
		magnitude := int32(math.Float32bits(x.Data[row*uint(x.Stride)+col]) << 1)
		nonZeros += int(uint32(magnitude|-magnitude) >> 31)
	}
	return float64(nonZeros) <= limit*places
}

// sparseBlock is some columns of op(X), compressed.
type sparseBlock struct {
	from, depth int  // the columns
	first, last bool // of a block of Gemm, which adds each to C
	values      int  // where its values and places begin
}
