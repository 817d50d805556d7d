package report

import (
	"slices"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"

	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/matrix"
)

// mostShown bounds the rows and columns of a matrix that a heat map shows, the first ones.
const mostShown = 256

// Matrix is a matrix of a model to be shown. Below the transition B looks random, and BBᵀ and AB are near multiples of the
// identity; above it B is a signed permutation.
type Matrix struct {
	Name  string // encoder, gram or product
	Title string // B; BBᵀ or, for n > d, BᵀB; AB or, for rigamp, V₁B
	of    func(b blas32.General, weights map[string][]float32) blas32.General
	model config.ModelConfig
}

// Matrices lists the matrices of a model: three, or two for a decoder without a matrix.
func Matrices(m config.ModelConfig) []Matrix {
	n, d := m.EncoderRows(), m.Dim
	gram := Matrix{Name: "gram", Title: "BBᵀ", of: func(b blas32.General, _ map[string][]float32) blas32.General {
		return matrix.Product(top(b, n), matrix.Transpose(top(b, n)))
	}}
	if n > d {
		gram = Matrix{Name: "gram", Title: "BᵀB", of: func(b blas32.General, _ map[string][]float32) blas32.General {
			return matrix.Product(matrix.Transpose(left(b, d)), left(b, d))
		}}
	}
	encoder := func(b blas32.General, _ map[string][]float32) blas32.General { return left(top(b, n), d) }
	out := []Matrix{{Name: "encoder", Title: "B", of: encoder}, gram}
	if decoder := decoderMatrix(m); decoder != nil {
		title := "AB"
		if m.Name == "rigamp" {
			title = "V₁B"
		}
		out = append(out, Matrix{Name: "product", Title: title, of: func(b blas32.General, weights map[string][]float32) blas32.General {
			return matrix.Product(top(decoder(b, weights), d), left(b, d))
		}})
	}
	for i := range out {
		out[i].model = m
	}
	return out
}

// Of computes the matrix from the weights of a replica, cut to the part that is shown.
func (m Matrix) Of(weights map[string][]float32) mat.Matrix {
	b := matrix.New(m.model.EncoderRows(), m.model.Dim, slices.Clone(weights[graph.EncoderWeight]))
	if m.model.Encoder == "trained" {
		matrix.NormaliseRows(b)
	}
	return matrix.Dense(m.of(b, weights))
}

// decoderMatrix returns the function for the (d, n) matrix of a model's decoder; nil where no such matrix decodes.
func decoderMatrix(m config.ModelConfig) func(b blas32.General, weights map[string][]float32) blas32.General {
	n, d := m.EncoderRows(), m.Dim
	switch {
	case m.Name == "deep", m.Name == config.TiedModel, m.Name == "rigamp" && m.Tied:
		return nil
	case m.Name == "rigamp":
		return func(_ blas32.General, w map[string][]float32) blas32.General {
			return matrix.New(d, n, w["decoder.v1.weight"])
		}
	case m.Tied:
		return func(b blas32.General, w map[string][]float32) blas32.General {
			a := matrix.Transpose(b)
			blas32.Scal(w[graph.DecoderScale][0], blas32.Vector{N: len(a.Data), Inc: 1, Data: a.Data})
			return a
		}
	}
	return func(_ blas32.General, w map[string][]float32) blas32.General {
		return matrix.New(d, n, w[graph.DecoderWeight])
	}
}

// top returns the first rows, at most mostShown of them.
func top(m blas32.General, rows int) blas32.General {
	rows = min(rows, mostShown)
	return matrix.New(rows, m.Cols, m.Data[:rows*m.Cols])
}

// left returns the first columns, at most mostShown of them.
func left(m blas32.General, cols int) blas32.General {
	cols = min(cols, mostShown)
	out := matrix.New(m.Rows, cols, make([]float32, m.Rows*cols))
	for i := range m.Rows {
		copy(out.Data[i*cols:(i+1)*cols], m.Data[i*m.Stride:])
	}
	return out
}
