package matrix

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// New is the (rows, cols) matrix of data, row after row.
func New(rows, cols int, data []float32) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: data}
}

// Transpose is a copy of mᵀ.
func Transpose(m blas32.General) blas32.General {
	out := New(m.Cols, m.Rows, make([]float32, len(m.Data)))
	for i := range m.Rows {
		for j := range m.Cols {
			out.Data[j*m.Rows+i] = m.Data[i*m.Stride+j]
		}
	}
	return out
}

// Product is ab.
func Product(a, b blas32.General) blas32.General {
	out := New(a.Rows, b.Cols, make([]float32, a.Rows*b.Cols))
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, a, b, 0, out)
	return out
}

// NormaliseRows is B from W: Bᵢ = Wᵢ/‖Wᵢ‖.
func NormaliseRows(m blas32.General) {
	for i := range m.Rows {
		row := blas32.Vector{N: m.Cols, Inc: 1, Data: m.Data[i*m.Stride:]}
		if norm := blas32.Nrm2(row); norm > 0 {
			blas32.Scal(1/norm, row)
		}
	}
}

// Dense is a float32 matrix in float64.
func Dense(m blas32.General) *mat.Dense {
	out := mat.NewDense(m.Rows, m.Cols, nil)
	for i := range m.Rows {
		for j := range m.Cols {
			out.Set(i, j, float64(m.Data[i*m.Stride+j]))
		}
	}
	return out
}

// Widened is a (rows, cols) matrix of float32 numbers in float64.
func Widened(rows, cols int, values []float32) *mat.Dense {
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return mat.NewDense(rows, cols, wide)
}

// Narrow is a matrix of float32 numbers that is read as float64.
type Narrow blas32.General

// Dims returns the numbers of rows and columns.
func (m Narrow) Dims() (rows, cols int) { return m.Rows, m.Cols }

// At returns the number in row i and column j.
func (m Narrow) At(i, j int) float64 { return float64(m.Data[i*m.Stride+j]) }

// T returns the transpose, without a copy.
func (m Narrow) T() mat.Matrix { return mat.Transpose{Matrix: m} }

// UnitRows is B from W: Bᵢ = Wᵢ/‖Wᵢ‖.
func UnitRows(w mat.Matrix) *mat.Dense {
	b := mat.DenseCopyOf(w)
	n, _ := b.Dims()
	for i := range n {
		row := b.RawRowView(i)
		if norm := floats.Norm(row, 2); norm > 0 {
			floats.Scale(1/norm, row)
		}
	}
	return b
}
