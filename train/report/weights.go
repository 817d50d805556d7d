package report

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/figure"
	"autoamp/train/matrix"
	"autoamp/train/rundir"
)

// mostShown bounds the rows and columns of a matrix that a heat map shows, the first ones.
const mostShown = 256

// heatMap is a matrix with its name.
type heatMap struct {
	name string
	m    blas32.General
}

// plotWeights draws weights.svg and weights.png from a checkpoint: for the smallest and the
// largest p a row with B, BBᵀ (or BᵀB for r > 1), and AB of the first seed's model. Below the
// transition B looks random and BBᵀ and AB are near multiples of the identity; above it B is
// a signed permutation.
func plotWeights(d *folder, checkpoint *rundir.Checkpoint) error {
	c := checkpoint.Config
	var maps [][]heatMap
	for _, i := range extremes(c.Data.P) {
		weights, err := checkpoint.Weights(i * len(c.Seeds))
		if err != nil {
			return err
		}
		maps = append(maps, heatMaps(c, weights, c.Data.P[i]))
	}
	const side = 3 * vg.Inch
	w, h := vg.Length(len(maps[0]))*side, vg.Length(len(maps))*(side+0.45*vg.Inch)
	return d.saveFigure("weights", w, h, func(dc draw.Canvas) { paintMaps(dc, maps) })
}

// extremes returns the places of the smallest and the largest p, one if they are the same.
func extremes(p []float64) []int {
	low, high := 0, 0
	for i := range p {
		if p[i] < p[low] {
			low = i
		}
		if p[i] > p[high] {
			high = i
		}
	}
	if low == high {
		return []int{low}
	}
	return []int{low, high}
}

// heatMaps computes the matrices of a model, cut to the shown part: three matrices, or two for a decoder without a matrix.
func heatMaps(c config.Config, weights map[string][]float32, p float64) []heatMap {
	n, d := c.Model.EncoderRows(), c.Model.Dim
	b := matrix.New(n, d, weights[graph.EncoderWeight])
	if c.Model.Encoder == "trained" {
		matrix.NormaliseRows(b)
	}
	gram := heatMap{"BBᵀ", matrix.Product(top(b, n), matrix.Transpose(top(b, n)))}
	if n > d {
		gram = heatMap{"BᵀB", matrix.Product(matrix.Transpose(left(b, d)), left(b, d))}
	}
	a := matrix.Transpose(b)
	at := fmt.Sprintf(", p = %g", p)
	maps := []heatMap{{"B" + at, left(top(b, n), d)}, {gram.name + at, gram.m}}
	name := "AB"
	switch {
	case c.Model.Name == "deep" || c.Model.Name == config.TiedModel: // no other matrix decodes
		return maps
	case c.Model.Name == "rigamp" && c.Model.Tied:
		return maps
	case c.Model.Name == "rigamp":
		name, a = "V₁B", matrix.New(d, n, weights["decoder.v1.weight"])
	case c.Model.Tied:
		blas32.Scal(weights[graph.DecoderScale][0], blas32.Vector{N: len(a.Data), Inc: 1, Data: a.Data})
	default:
		a = matrix.New(d, n, weights[graph.DecoderWeight])
	}
	return append(maps, heatMap{name + at, matrix.Product(top(a, d), left(b, d))})
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

// paintMaps draws rows of heat maps, each with its colour bar below.
func paintMaps(dc draw.Canvas, maps [][]heatMap) {
	size := dc.Size()
	for i, row := range maps {
		for j, m := range row {
			w, h := size.X/vg.Length(len(row)), size.Y/vg.Length(len(maps))
			cell := draw.Crop(dc, vg.Length(j)*w, -vg.Length(len(row)-1-j)*w, vg.Length(len(maps)-1-i)*h, -vg.Length(i)*h)
			painted := figure.HeatMap{Title: m.name, M: matrix.Dense(m.m)}
			painted.Paint(draw.Crop(cell, vg.Points(8), -vg.Points(8), vg.Points(4), -vg.Points(4)))
		}
	}
}
