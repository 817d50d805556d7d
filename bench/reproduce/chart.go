package reproduce

import (
	"slices"

	"gonum.org/v1/plot/plotter"
)

// Points are the points of two columns of rows, one for each row.
func Points(rows []Row, x, y string) plotter.XYs {
	var out plotter.XYs
	for _, r := range rows {
		out = append(out, plotter.XY{X: r.Num(x), Y: r.Num(y)})
	}
	return out
}

// EqualShares are the shares of n panels of one size, for figure.Column, figure.Row and figure.Stack.
func EqualShares(n int) []float64 { return slices.Repeat([]float64{1}, n) }
