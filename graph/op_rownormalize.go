package graph

import (
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// RowNormalize divides every row of W by its Euclidean norm: Bᵢ = Wᵢ/‖Wᵢ‖, the encoder of
// ICML 2024, eq. (1), reparametrised. A zero row stays zero. In a program it has a second
// output, the inverse norms, that RowNormalizeGrad reads.
type RowNormalize struct{}

func (op RowNormalize) String() string { return "rownormalize" }

// Facts implements Kernel.
func (RowNormalize) Facts() Facts { return Facts{In: types{matrix}, Out: matrix, RowWise: every} }

// InferShape is the input's shape.
func (op RowNormalize) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return sameShape(op, in)
}

// Do is the reference, computed in float64.
func (op RowNormalize) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	w := numbers(in[0])
	rows, cols := in[0].Shape()[0], in[0].Shape()[1]
	out := make([]float64, len(w))
	for i := range rows {
		inv := invNorm(w[i*cols : (i+1)*cols])
		for j := i * cols; j < (i+1)*cols; j++ {
			out[j] = w[j] * inv
		}
	}
	return value(in[0], out, rows, cols), nil
}

func invNorm(row []float64) float64 {
	var s float64
	for _, x := range row {
		s += x * x
	}
	if s == 0 {
		return 0
	}
	return 1 / math.Sqrt(s)
}

// SymDiff is RowNormalizeGrad.
func (op RowNormalize) SymDiff(in gorgonia.Nodes, b, db *gorgonia.Node) (gorgonia.Nodes, error) {
	dw, err := Apply(RowNormalizeGrad{}, db, b, in[0])
	return gorgonia.Nodes{dw}, err
}

// RowNormalizeGrad is the gradient of RowNormalize: from (dB, B, W),
// dWᵢ = (dBᵢ − Bᵢ⟨Bᵢ, dBᵢ⟩)/‖Wᵢ‖. In a program its third input is the inverse norms.
type RowNormalizeGrad struct{}

func (op RowNormalizeGrad) String() string { return "rownormalize.grad" }

// Facts implements Kernel.
func (RowNormalizeGrad) Facts() Facts {
	return Facts{In: types{matrix, matrix, matrix}, Out: matrix, RowWise: every, InPlace: overInput}
}

// InferShape is the inputs' shape.
func (op RowNormalizeGrad) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return sameShape(op, in)
}

// Do is the reference, computed in float64.
func (op RowNormalizeGrad) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	db, b, w := numbers(in[0]), numbers(in[1]), numbers(in[2])
	rows, cols := in[0].Shape()[0], in[0].Shape()[1]
	out := make([]float64, len(w))
	for i := range rows {
		lo, hi := i*cols, (i+1)*cols
		inv := invNorm(w[lo:hi])
		var dot float64
		for j := lo; j < hi; j++ {
			dot += b[j] * db[j]
		}
		for j := lo; j < hi; j++ {
			out[j] = inv * (db[j] - b[j]*dot)
		}
	}
	return value(in[0], out, rows, cols), nil
}
