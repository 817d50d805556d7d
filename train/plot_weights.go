package train

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/graph"
	"autoamp/train/figure"
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
func plotWeights(d *directory, checkpoint *checkpoint) error {
	c := checkpoint.config
	var maps [][]heatMap
	for _, i := range extremes(c.Data.P) {
		weights, err := checkpoint.loadWeights(i * len(c.Seeds))
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

// heatMaps computes the matrices of a model, cut to what is shown: three, or two where the decoder has none.
func heatMaps(c Config, weights map[string][]float32, p float64) []heatMap {
	n, d := c.Model.encoderRows(), c.Model.Dim
	b := matrix(n, d, weights[graph.EncoderWeight])
	if c.Model.Encoder == "trained" {
		normaliseRows(b)
	}
	gram := heatMap{"BBᵀ", product(top(b, n), transpose(top(b, n)))}
	if n > d {
		gram = heatMap{"BᵀB", product(transpose(left(b, d)), left(b, d))}
	}
	a := transpose(b)
	at := fmt.Sprintf(", p = %g", p)
	maps := []heatMap{{"B" + at, left(top(b, n), d)}, {gram.name + at, gram.m}}
	name := "AB"
	switch {
	case c.Model.Name == "deep" || c.Model.Name == tiedModel: // no other matrix decodes
		return maps
	case c.Model.Name == "rigamp" && c.Model.Tied:
		return maps
	case c.Model.Name == "rigamp":
		name, a = "V₁B", matrix(d, n, weights["decoder.v1.weight"])
	case c.Model.Tied:
		blas32.Scal(weights[graph.DecoderScale][0], blas32.Vector{N: len(a.Data), Inc: 1, Data: a.Data})
	default:
		a = matrix(d, n, weights[graph.DecoderWeight])
	}
	return append(maps, heatMap{name + at, product(top(a, d), left(b, d))})
}

func matrix(rows, cols int, data []float32) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: data}
}

// top returns the first rows, at most mostShown of them.
func top(m blas32.General, rows int) blas32.General {
	rows = min(rows, mostShown)
	return matrix(rows, m.Cols, m.Data[:rows*m.Cols])
}

// left returns the first columns, at most mostShown of them.
func left(m blas32.General, cols int) blas32.General {
	cols = min(cols, mostShown)
	out := matrix(m.Rows, cols, make([]float32, m.Rows*cols))
	for i := range m.Rows {
		copy(out.Data[i*cols:(i+1)*cols], m.Data[i*m.Stride:])
	}
	return out
}

func transpose(m blas32.General) blas32.General {
	out := matrix(m.Cols, m.Rows, make([]float32, len(m.Data)))
	for i := range m.Rows {
		for j := range m.Cols {
			out.Data[j*m.Rows+i] = m.Data[i*m.Stride+j]
		}
	}
	return out
}

func product(a, b blas32.General) blas32.General {
	out := matrix(a.Rows, b.Cols, make([]float32, a.Rows*b.Cols))
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, a, b, 0, out)
	return out
}

// normaliseRows is B from W: Bᵢ = Wᵢ/‖Wᵢ‖.
func normaliseRows(m blas32.General) {
	for i := range m.Rows {
		row := blas32.Vector{N: m.Cols, Inc: 1, Data: m.Data[i*m.Stride:]}
		if norm := blas32.Nrm2(row); norm > 0 {
			blas32.Scal(1/norm, row)
		}
	}
}

// paintMaps draws rows of heat maps, each with its colour bar below.
func paintMaps(dc draw.Canvas, maps [][]heatMap) {
	size := dc.Size()
	for i, row := range maps {
		for j, m := range row {
			w, h := size.X/vg.Length(len(row)), size.Y/vg.Length(len(maps))
			cell := draw.Crop(dc, vg.Length(j)*w, -vg.Length(len(row)-1-j)*w, vg.Length(len(maps)-1-i)*h, -vg.Length(i)*h)
			painted := figure.HeatMap{Title: m.name, M: dense(m.m)}
			painted.Paint(draw.Crop(cell, vg.Points(8), -vg.Points(8), vg.Points(4), -vg.Points(4)))
		}
	}
}
