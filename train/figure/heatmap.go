package figure

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"sync"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// HeatMap is a matrix to be painted, row 0 at the top, blue below zero and red above, with its colour bar below. Of an empty matrix
// nothing is painted.
type HeatMap struct {
	Title string
	M     mat.Matrix
}

// Paint draws the map on the whole of dc.
func (h HeatMap) Paint(dc draw.Canvas) {
	rows, cols := h.M.Dims()
	if rows*cols == 0 {
		return
	}
	most := math.Max(math.Max(mat.Max(h.M), -mat.Min(h.M)), 1e-6)
	scale := moreland.SmoothBlueRed()
	scale.SetMin(-most)
	scale.SetMax(most)
	const barHeight = 0.5 * vg.Inch
	p := New(fmt.Sprintf("%s  (%d × %d)", h.Title, rows, cols), "", "")
	p.HideAxes()
	p.Add(plotter.NewImage(Picture(h.M, most), 0, 0, 1, 1))
	p.Draw(draw.Crop(dc, 0, 0, barHeight, 0))
	bar := New("", "", "")
	bar.HideY()
	bar.X.Padding = 0
	bar.Add(&plotter.ColorBar{ColorMap: scale, Colors: 128})
	bar.Draw(draw.Crop(dc, 0, 0, 0, barHeight-dc.Size().Y))
}

// Picture paints a matrix, row 0 at the top, −most blue, 0 grey and most red; numbers beyond are as the ends. Every element is
// a square of pixels, so that drawing it larger does not blur it.
func Picture(m mat.Matrix, most float64) *image.Paletted {
	rows, cols := m.Dims()
	zoom := max(1, 400/max(rows, cols))
	img := image.NewPaletted(image.Rect(0, 0, zoom*cols, zoom*rows), blueRed())
	for i := range rows {
		line := img.Pix[i*zoom*img.Stride : (i*zoom+1)*img.Stride]
		for j := range cols {
			v := math.Min(math.Max(m.At(i, j)/most, -1), 1)
			if math.IsNaN(v) {
				v = 0
			}
			index := byte(math.Round((shades - 1) / 2 * (1 + v)))
			for k := range zoom {
				line[j*zoom+k] = index
			}
		}
		for k := 1; k < zoom; k++ {
			copy(img.Pix[(i*zoom+k)*img.Stride:], line)
		}
	}
	return img
}

// shades is the number of colours of a picture, odd so that zero has one. A picture with a palette is a third of the size.
const shades = 255

// blueRed is the palette of Picture.
var blueRed = sync.OnceValue(func() color.Palette {
	scale := moreland.SmoothBlueRed()
	scale.SetMin(0)
	scale.SetMax(shades - 1)
	out := make(color.Palette, shades)
	for i := range out {
		out[i], _ = scale.At(float64(i)) // within its bounds
	}
	return out
})
