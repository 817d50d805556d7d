package sparsecoding

import (
	"autoamp/datasets"
	"autoamp/kernels"
	"autoamp/train"
)

// Purpose says why random directions are drawn. Directions of one seed and two purposes are independent.
type Purpose uint64

// The purposes.
const (
	Displacement Purpose = iota // from a dictionary
	RandomStart                 // of a training
)

// Direction is the purpose of the i-th of several independent displacements.
func Direction(i int) Purpose { return RandomStart + 1 + Purpose(i) }

// UnitRows returns random rows on the unit sphere, (rows, cols), a function of the seed and the purpose.
func UnitRows(rows, cols int, seed uint64, purpose Purpose) []float32 {
	w := make([]float32, rows*cols)
	kernels.Normal(w, 0, 1, kernels.Stream{Seed: seed, Stream: datasets.Initialisation, Step: uint64(purpose)})
	kernels.RowNormalize(w, make([]float32, rows), w, rows, cols)
	return w
}

// Near returns W at distance about δ from a dictionary, (atoms, dim): A + δ·(random unit rows), normalised.
func Near(dictionary []float32, atoms int, delta float64, seed uint64) []float32 {
	cols := len(dictionary) / atoms
	w := Moved(dictionary, delta, UnitRows(atoms, cols, seed, Displacement))
	kernels.RowNormalize(w, make([]float32, atoms), w, atoms, cols)
	return w
}

// Moved returns a + t·b.
func Moved(a []float32, t float64, b []float32) []float32 {
	out := append([]float32(nil), a...)
	kernels.Axpy(out, b, float32(t))
	return out
}

// Distance2 is ‖W − A‖² after the best matching of the rows of W with those of A; both have rows rows.
func Distance2(w, a []float32, rows int) float64 {
	cols := len(w) / rows
	cost := make([]float64, rows*rows)
	for i := range rows {
		for j := range rows {
			cost[i*rows+j] = kernels.SquaredError(w[i*cols:(i+1)*cols], a[j*cols:(j+1)*cols])
		}
	}
	var sum float64
	for i, j := range train.Assign(cost, rows, rows) {
		sum += cost[i*rows+j]
	}
	return sum
}
