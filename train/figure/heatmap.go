package figure

import (
	"fmt"
	"image"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// HeatMap is a matrix to be painted, row 0 at the top, blue below zero and red above, with its colour bar below.
type HeatMap struct {
	Title string
	M     mat.Matrix
}

// Paint draws the map on the whole of dc.
func (h HeatMap) Paint(dc draw.Canvas) {
	rows, cols := h.M.Dims()
	most := math.Max(math.Max(mat.Max(h.M), -mat.Min(h.M)), 1e-6)
	scale := moreland.SmoothBlueRed()
	scale.SetMin(-most)
	scale.SetMax(most)
	const barHeight = 0.5 * vg.Inch
	p := New(fmt.Sprintf("%s  (%d × %d)", h.Title, rows, cols), "", "")
	p.HideAxes()
	p.Add(plotter.NewImage(picture(h.M, scale), 0, 0, 1, 1))
	p.Draw(draw.Crop(dc, 0, 0, barHeight, 0))
	bar := New("", "", "")
	bar.HideY()
	bar.X.Padding = 0
	bar.Add(&plotter.ColorBar{ColorMap: scale, Colors: 128})
	bar.Draw(draw.Crop(dc, 0, 0, 0, barHeight-dc.Size().Y))
}

// picture paints a matrix, row 0 at the top, every element a square of pixels so that drawing
// it larger does not blur it.
func picture(m mat.Matrix, scale palette.ColorMap) image.Image {
	rows, cols := m.Dims()
	zoom := max(1, 400/max(rows, cols))
	img := image.NewNRGBA(image.Rect(0, 0, zoom*cols, zoom*rows))
	for i := range rows {
		line := img.Pix[i*zoom*img.Stride : (i*zoom+1)*img.Stride]
		for j := range cols {
			v := math.Min(math.Max(m.At(i, j), scale.Min()), scale.Max())
			c, err := scale.At(v)
			if err != nil {
				continue // only a NaN
			}
			r, g, b, _ := c.RGBA()
			for k := range zoom {
				copy(line[4*(j*zoom+k):], []byte{byte(r >> 8), byte(g >> 8), byte(b >> 8), 255})
			}
		}
		for k := 1; k < zoom; k++ {
			copy(img.Pix[(i*zoom+k)*img.Stride:], line)
		}
	}
	return img
}
