package report

import (
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/train/figure"
	"autoamp/train/rundir"
)

// plotWeights draws weights.svg and weights.png from a checkpoint: for the smallest and the
// largest p a row with B, BBᵀ (or BᵀB for r > 1), and AB of the first seed's model. Below the
// transition B looks random and BBᵀ and AB are near multiples of the identity; above it B is
// a signed permutation.
func plotWeights(d *folder, checkpoint *rundir.Checkpoint) error {
	c := checkpoint.Config
	var maps [][]figure.HeatMap
	for _, i := range extremes(c.Data.P) {
		weights, err := checkpoint.Weights(i * len(c.Seeds))
		if err != nil {
			return err
		}
		var row []figure.HeatMap
		for _, m := range Matrices(c.Model) {
			row = append(row, figure.HeatMap{Title: fmt.Sprintf("%s, p = %g", m.Title, c.Data.P[i]), M: m.Of(weights)})
		}
		maps = append(maps, row)
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

// paintMaps draws rows of heat maps, each with its colour bar below.
func paintMaps(dc draw.Canvas, maps [][]figure.HeatMap) {
	size := dc.Size()
	for i, row := range maps {
		for j, m := range row {
			w, h := size.X/vg.Length(len(row)), size.Y/vg.Length(len(maps))
			cell := draw.Crop(dc, vg.Length(j)*w, -vg.Length(len(row)-1-j)*w, vg.Length(len(maps)-1-i)*h, -vg.Length(i)*h)
			m.Paint(draw.Crop(cell, vg.Points(8), -vg.Points(8), vg.Points(4), -vg.Points(4)))
		}
	}
}
