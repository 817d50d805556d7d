package gdmin

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
	"autoamp/kernels"
)

// maskedRows is B̂_m for one mask. Its memory is allocated once.
type maskedRows struct {
	keep   []int            // the columns of B that are not masked
	unit   kernels.Matrix64 // (len(keep), n), B̂_mᵀ: rows of B normalised; a row that vanishes stays zero
	norms  []float64        // (n), of the rows before that
	gram   kernels.Matrix64 // (n, n), B̂_mB̂_mᵀ, upper triangle
	weight float64
}

func newMaskedRows(n, d int) *maskedRows {
	return &maskedRows{keep: make([]int, 0, d), unit: matrix64(d, n), norms: make([]float64, n), gram: matrix64(n, n)}
}

// mask masks and normalises unit rows, given as columns (d, n), and multiplies them with each other.
func (v *maskedRows) mask(columns *mat.Dense, m amp.Mask) {
	d, n := columns.Dims()
	v.weight, v.keep = m.Weight, v.keep[:0]
	clear(v.norms)
	for j := range d {
		if m.Keep != nil && !m.Keep[j] {
			continue
		}
		row := v.row(len(v.keep))
		for i, x := range columns.RawRowView(j) {
			row[i] = x
			v.norms[i] += x * x
		}
		v.keep = append(v.keep, j)
	}
	for i, square := range v.norms {
		v.norms[i] = math.Sqrt(square)
	}
	for at := range v.keep {
		row := v.row(at)
		for i, norm := range v.norms {
			if norm > 0 {
				row[i] /= norm // not times 1/norm: a row with one entry left must become exactly ±1
			}
		}
	}
	kernels.Gram64(n, len(v.keep), v.unit, v.gram)
}

// row is a row of unit, (n).
func (v *maskedRows) row(at int) []float64 { return v.unit.Data[at*v.unit.Stride:][:v.unit.Stride] }

// addTo adds the mask's kernel (2/π)·arcsin(B̂_mB̂_mᵀ), diagonal 1, and its rows.
func (v *maskedRows) addTo(part *maskPartial) {
	n := len(v.norms)
	scale := v.weight * 2 / math.Pi
	for i := range n {
		gram, kernel := v.gram.Data[i*n:(i+1)*n], part.kernel.RawRowView(i)
		kernel[i] += v.weight
		for j := i + 1; j < n; j++ {
			kernel[j] += scale * arcsin(gram[j])
		}
	}
	for at, j := range v.keep {
		floats.AddScaled(part.rows.RawRowView(j), v.weight, v.row(at))
	}
}

// addGradient adds D_m⁻¹·Tan(2·W_m·B̂_m − 2·gain·Aᵀ)∘mask with W_ij = (2/π)(AᵀA)_ij/√(1 − M_ij²) off the diagonal; gram is
// AᵀA.
func (v *maskedRows) addGradient(part *maskPartial, gram *mat.SymDense, a *mat.Dense, gain float64) {
	n, k := len(v.norms), len(v.keep)
	v.slopes(part.slopes, gram)
	kernels.Gemm64(k, n, n, v.unit, part.slopes, part.product)
	radial := part.radial
	clear(radial)
	for at, j := range v.keep {
		row, unit := part.product.Data[at*n:(at+1)*n], v.row(at)
		for i, target := range a.RawRowView(j) {
			row[i] -= 2 * gain * target
			radial[i] += row[i] * unit[i]
		}
	}
	for at, j := range v.keep {
		row, unit, dst := part.product.Data[at*n:(at+1)*n], v.row(at), part.gradient.RawRowView(j)
		for i, norm := range v.norms {
			if norm > 0 {
				dst[i] += v.weight / norm * (row[i] - radial[i]*unit[i])
			}
		}
	}
}

// slopes writes 2W_m, symmetric.
func (v *maskedRows) slopes(w kernels.Matrix64, gram *mat.SymDense) {
	n := len(v.norms)
	for i := range n {
		w.Data[i*n+i] = 0
		weights := gram.RawSymmetric().Data[i*n : (i+1)*n]
		for j := i + 1; j < n; j++ {
			c, slope := v.gram.Data[i*n+j], 0.0
			if s := 1 - c*c; s > 1e-13 {
				slope = 4 / math.Pi * weights[j] / math.Sqrt(s)
			}
			w.Data[i*n+j], w.Data[j*n+i] = slope, slope
		}
	}
}

// risk is 1 + (1/d)·[tr(AᵀA·Q_m) − 2·gain·tr(A·B̂_m)]; gram is AᵀA.
func (v *maskedRows) risk(gram *mat.SymDense, a *mat.Dense, gain float64) float64 {
	n := len(v.norms)
	d, _ := a.Dims()
	energy, captured := 0.0, 0.0
	if len(v.keep) == 0 { // no coordinate: x = 0 and the bits are coins
		return 1 + mat.Trace(gram)/float64(d)
	}
	for i := range n {
		weights := gram.RawSymmetric().Data[i*n : (i+1)*n]
		energy += weights[i]
		for j := i + 1; j < n; j++ {
			energy += 4 / math.Pi * arcsin(v.gram.Data[i*n+j]) * weights[j]
		}
	}
	for at, j := range v.keep {
		captured += floats.Dot(a.RawRowView(j), v.row(at))
	}
	return 1 + (energy-2*gain*captured)/float64(d)
}
