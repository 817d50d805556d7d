package kogler

import (
	"fmt"
	"image/color"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/plotter"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// Titles of axes.
const (
	axisP    = "p, probability of a non-zero coordinate"
	axisRate = "rate r = n/d, bits per coordinate"
	axisMSE  = "MSE per coordinate"
	axisStep = "optimizer updates"
)

// trained are the test errors of trained models against the column x: means over the rows with the same x.
func trained(label string, rows []reproduce.Row, x string, c color.Color) figure.Marks {
	m := figure.Marks{Label: label, Colour: c}
	for _, v := range reproduce.Distinct(rows, x) {
		e := reproduce.Mean(reproduce.Where(rows, x, v), "test_mse", "test_mse_stderr")
		m.Points = append(m.Points, plotter.XY{X: v, Y: e.Value})
		m.Errors = append(m.Errors, e.Stderr)
	}
	return m
}

// seedsOf is a label with the number of seeds behind a mean, and the dimension.
func seedsOf(rows []reproduce.Row) string {
	seeds := len(reproduce.Distinct(rows, "seed"))
	d := reproduce.Distinct(rows, "dim")
	if seeds == 1 {
		return fmt.Sprintf("d = %g ± s.e.", d[0])
	}
	return fmt.Sprintf("d = %g, mean of %d seeds ± s.e.", d[0], seeds)
}

// finals are the rows of trained models.
func finals(r *reproduce.Results) []reproduce.Row { return reproduce.Where(r.Rows, "kind", "final") }

// ladder returns low, …, high in n equal steps.
func ladder(low, high float64, n int) []float64 {
	var out []float64
	for i := range n + 1 {
		out = append(out, low+(high-low)*float64(i)/float64(n))
	}
	return out
}

// gram is BBᵀ or, for n > d, BᵀB.
func gram(b *mat.Dense) (name string, m *mat.Dense) {
	m = &mat.Dense{}
	if n, d := b.Dims(); n > d {
		m.Mul(b.T(), b)
		return "BᵀB", m
	}
	m.Mul(b, b.T())
	return "BBᵀ", m
}

// cut is the first rows and columns of a matrix, at most 256, which a heat map can show.
func cut(m *mat.Dense) mat.Matrix {
	rows, cols := m.Dims()
	return m.Slice(0, min(rows, 256), 0, min(cols, 256))
}
