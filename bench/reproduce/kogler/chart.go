package kogler

import (
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/gonum/floats"
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

// seedsOf is a label with the number of seeds behind a mean, and the dimension. Points may have their own of both. Without rows there are
// no points, and the label is empty.
func seedsOf(rows []reproduce.Row) string {
	if len(rows) == 0 {
		return ""
	}
	seeds := map[string]map[string]bool{} // of each point
	for _, row := range rows {
		point := fmt.Sprint(row.Text("model"), row.Text("p"), row.Text("rate"), row.Text("dim"), row.Text("depth"), row.Text("width"))
		if seeds[point] == nil {
			seeds[point] = map[string]bool{}
		}
		seeds[point][row.Text("seed")] = true
	}
	few, many := len(rows), 0
	for _, of := range seeds {
		few, many = min(few, len(of)), max(many, len(of))
	}
	dims := reproduce.Distinct(rows, "dim")
	if many == 1 {
		return fmt.Sprintf("d = %s ± s.e.", span(slices.Min(dims), slices.Max(dims)))
	}
	return fmt.Sprintf("d = %s, mean of %s seeds ± s.e.", span(slices.Min(dims), slices.Max(dims)), span(float64(few), float64(many)))
}

// span is a range of numbers in words.
func span(low, high float64) string {
	if low == high {
		return fmt.Sprintf("%g", low)
	}
	return fmt.Sprintf("%g to %g", low, high)
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

// gram is BBᵀ or, for n > d, BᵀB. It is empty as b is.
func gram(b *mat.Dense) (name string, m *mat.Dense) {
	m = &mat.Dense{}
	if b.IsEmpty() {
		return "BBᵀ", m
	}
	if n, d := b.Dims(); n > d {
		m.Mul(b.T(), b)
		return "BᵀB", m
	}
	m.Mul(b, b.T())
	return "BBᵀ", m
}

// cut is the first rows and columns of a matrix, at most 256, which a heat map can show.
func cut(m *mat.Dense) mat.Matrix {
	if m.IsEmpty() {
		return m
	}
	rows, cols := m.Dims()
	return m.Slice(0, min(rows, 256), 0, min(cols, 256))
}

// byEnergy is a matrix with its columns in the order of their energy, the largest first.
func byEnergy(m *mat.Dense) *mat.Dense {
	if m.IsEmpty() {
		return m
	}
	rows, cols := m.Dims()
	energy, order := make([]float64, cols), make([]int, cols)
	for j := range cols {
		energy[j], order[j] = -mat.Dot(m.ColView(j), m.ColView(j)), j
	}
	floats.Argsort(energy, order)
	sorted := mat.NewDense(rows, cols, nil)
	for j, from := range order {
		sorted.SetCol(j, mat.Col(nil, from, m))
	}
	return sorted
}
