package figure

import (
	"fmt"
	"image"
	"math"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// HeatMap is a matrix to be painted, row 0 at the top, blue below zero and red above, with its colour bar below.
type HeatMap struct {
	Title string
	M     blas32.General
}

// Paint draws the map on the whole of dc.
func (h HeatMap) Paint(dc draw.Canvas) {
	most := float64(h.M.Data[blas32.Iamax(blas32.Vector{N: len(h.M.Data), Inc: 1, Data: h.M.Data})])
	most = math.Max(math.Abs(most), 1e-6)
	scale := moreland.SmoothBlueRed()
	scale.SetMin(-most)
	scale.SetMax(most)
	const barHeight = 0.5 * vg.Inch
	p := New(fmt.Sprintf("%s  (%d × %d)", h.Title, h.M.Rows, h.M.Cols), "", "")
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
func picture(m blas32.General, scale palette.ColorMap) image.Image {
	zoom := max(1, 400/max(m.Rows, m.Cols))
	img := image.NewNRGBA(image.Rect(0, 0, zoom*m.Cols, zoom*m.Rows))
	for i := range m.Rows {
		line := img.Pix[i*zoom*img.Stride : (i*zoom+1)*img.Stride]
		for j := range m.Cols {
			v := math.Min(math.Max(float64(m.Data[i*m.Stride+j]), scale.Min()), scale.Max())
			c, err := scale.At(v)
			if err != nil {
				continue // only a NaN, which checkpoints do not hold
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
