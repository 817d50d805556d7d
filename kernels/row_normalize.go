package kernels

import (
	"math"
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// The reparametrisation of the encoder, B_i = W_i/‖W_i‖, and its gradient (amp/THEORY.md §4.2). All matrices are
// (rows, cols), row-major.
//
//	invNorm[i] = 1/‖w_i‖                dst[i][j] = w[i][j]·invNorm[i]
//	dw[i][j]   = invNorm[i]·(db[i][j] − b̂[i][j]·⟨b̂_i, db_i⟩)
//
// ‖w_i‖² and ⟨b̂_i, db_i⟩ are summed with fused multiply-adds in 4 vectors of float32 per row and added up in float64; plain
// Go sums in float64 throughout. 1/‖w_i‖ is computed in float64 and rounded once. The squares must stay within the range of
// float32: entries of magnitude 1e-18 to 1e18, or 0. A zero row stays zero with invNorm 0, and its gradient is 0·db. A NaN makes its row NaN.

// RowNormalize writes the rows of w divided by their norms, and the inverse norms. dst may be w.
func RowNormalize(dst, invNorm, w []float32, rows, cols int) {
	rowNormalizeLevel(best, dst, invNorm, w, rows, cols)
}

// RowNormalizeGrad writes the gradient with respect to w, given the gradient db with respect to the normalised rows bhat.
// dw may be db.
func RowNormalizeGrad(dw, db, bhat, invNorm []float32, rows, cols int) {
	rowNormalizeGradLevel(best, dw, db, bhat, invNorm, rows, cols)
}

// rowRun is the number of rows in one run. The sums of one run are kept at a time.
const rowRun = 64

func rowNormalizeLevel(level Level, dst, invNorm, w []float32, rows, cols int) {
	sameLength(len(w), rows*cols)
	sameLength(len(dst), rows*cols)
	sameLength(len(invNorm), rows)
	var sums [rowRun]float64
	for lo := 0; lo < rows; lo += rowRun {
		hi := min(lo+rowRun, rows)
		part := w[lo*cols : hi*cols]
		rowDots(level, sums[:hi-lo], part, part, cols)
		for i, s := range sums[:hi-lo] {
			invNorm[lo+i] = inverseNorm(s)
		}
		scaleRows(level, dst[lo*cols:hi*cols], part, invNorm[lo:hi], cols)
	}
}

// inverseNorm returns 1/√sum, and 0 for 0.
func inverseNorm(sum float64) float32 {
	if sum == 0 {
		return 0
	}
	return float32(1 / math.Sqrt(sum))
}

func rowNormalizeGradLevel(level Level, dw, db, bhat, invNorm []float32, rows, cols int) {
	sameLength(len(dw), rows*cols)
	sameLength(len(db), rows*cols)
	sameLength(len(bhat), rows*cols)
	sameLength(len(invNorm), rows)
	var sums [rowRun]float64
	var along [rowRun]float32
	for lo := 0; lo < rows; lo += rowRun {
		hi := min(lo+rowRun, rows)
		part, unit := db[lo*cols:hi*cols], bhat[lo*cols:hi*cols]
		rowDots(level, sums[:hi-lo], unit, part, cols)
		for i, s := range sums[:hi-lo] {
			along[i] = float32(s)
		}
		tangentRows(level, dw[lo*cols:hi*cols], part, unit, along[:hi-lo], invNorm[lo:hi], cols)
	}
}

// rowDots writes the inner products of the rows of a and b.
func rowDots(level Level, sums []float64, a, b []float32, cols int) {
	p, x, y := unsafe.SliceData(sums), unsafe.SliceData(a), unsafe.SliceData(b)
	if level == Scalar {
		for i := range sums {
			sums[i] = dotScalar(a[i*cols:(i+1)*cols], b[i*cols:(i+1)*cols])
		}
		return
	}
	vector.RowDots(level == AVX512, p, x, y, len(sums), cols)
}

// scaleRows multiplies each row by its factor.
func scaleRows(level Level, dst, a, factors []float32, cols int) {
	y, x, f := unsafe.SliceData(dst), unsafe.SliceData(a), unsafe.SliceData(factors)
	if level == Scalar {
		for i, factor := range factors {
			scaleScalar(dst[i*cols:(i+1)*cols], a[i*cols:(i+1)*cols], factor)
		}
		return
	}
	vector.ScaleRows(level == AVX512, y, x, f, len(factors), cols)
}

// tangentRows writes inv·(db − along·bhat) for each row.
func tangentRows(level Level, dw, db, bhat, along, inv []float32, cols int) {
	y, g, b, c, f := unsafe.SliceData(dw), unsafe.SliceData(db), unsafe.SliceData(bhat), unsafe.SliceData(along), unsafe.SliceData(inv)
	if level == Scalar {
		for i := range inv {
			lo, hi := i*cols, (i+1)*cols
			tangentScalar(dw[lo:hi], db[lo:hi], bhat[lo:hi], along[i], inv[i])
		}
		return
	}
	vector.TangentRows(level == AVX512, y, g, b, c, f, len(inv), cols)
}

// tangentScalar is one row of tangentRows.
func tangentScalar(dw, db, bhat []float32, along, inv float32) {
	for j, b := range bhat {
		dw[j] = float32(inv * fma(-along, b, db[j]))
	}
}
