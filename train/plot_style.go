package train

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// colours are Okabe and Ito's: told apart with any colour vision, and in print.
var colours = [...]color.Color{
	color.NRGBA{0x00, 0x72, 0xB2, 0xFF}, // blue
	color.NRGBA{0xD5, 0x5E, 0x00, 0xFF}, // vermilion
	color.NRGBA{0x00, 0x9E, 0x73, 0xFF}, // green
	color.NRGBA{0xCC, 0x79, 0xA7, 0xFF}, // purple
	color.NRGBA{0xE6, 0x9F, 0x00, 0xFF}, // orange
	color.NRGBA{0x56, 0xB4, 0xE9, 0xFF}, // sky
}

var grey = color.NRGBA{0x60, 0x60, 0x60, 0xFF}

func colour(i int) color.Color { return colours[i%len(colours)] }

// Dashes of the theory's lines.
var (
	dashed = []vg.Length{vg.Points(5), vg.Points(3)}
	dotted = []vg.Length{vg.Points(1.5), vg.Points(2.5)}
)

// newPlot is a plot in the house style.
func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.Padding = vg.Points(6)
	p.Title.TextStyle.Font.Size, p.Title.TextStyle.Font.Variant = vg.Points(12), "Sans"
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font.Size = vg.Points(11)
		a.Tick.Label.Font.Size = vg.Points(10)
		a.Label.TextStyle.Font.Variant, a.Tick.Label.Font.Variant = "Sans", "Sans"
	}
	return p
}

// line is a line through points, with dashes if given.
func line(points plotter.XYs, c color.Color, width float64, dashes []vg.Length) *plotter.Line {
	return &plotter.Line{
		XYs:       points,
		LineStyle: draw.LineStyle{Color: c, Width: vg.Points(width), Dashes: dashes},
	}
}

// label is a text beside a line's end.
type label struct {
	y    float64
	text string
	c    color.Color
}

// drawLabels writes labels on dc to the right of a plot that was drawn on inner, moved apart
// vertically so that none covers another.
func drawLabels(dc, inner draw.Canvas, p *plot.Plot, labels []label) {
	sort.SliceStable(labels, func(i, j int) bool { return labels[i].y < labels[j].y })
	data := p.DataCanvas(inner)
	_, transform := p.Transforms(&data)
	gap := vg.Points(13)
	at := make([]vg.Length, len(labels))
	for i, l := range labels {
		at[i] = transform(l.y)
		if i > 0 {
			at[i] = max(at[i], at[i-1]+gap)
		}
	}
	limit := data.Max.Y
	for i := len(at) - 1; i >= 0; i-- { // what was pushed out at the top comes back
		at[i] = min(at[i], limit)
		limit = at[i] - gap
	}
	for i, l := range labels {
		style := p.X.Tick.Label
		style.Color, style.XAlign, style.YAlign = l.c, draw.XLeft, draw.YCenter
		dc.FillText(style, vg.Point{X: data.Max.X + vg.Points(6), Y: at[i]}, l.text)
	}
}

// decades are the ticks of a logarithmic axis up to last.
type decades struct{ last float64 }

// Ticks labels the powers of ten.
func (d decades) Ticks(_, _ float64) []plot.Tick {
	var ticks []plot.Tick
	for e := 0; ; e++ {
		for k := 1.0; k < 10; k++ {
			v := k * math.Pow(10, float64(e))
			if v > d.last {
				return ticks
			}
			text := ""
			if k == 1 {
				text = strconv.FormatFloat(v, 'f', -1, 64)
			}
			ticks = append(ticks, plot.Tick{Value: v, Label: text})
		}
	}
}

// saveFigure writes a figure as dir/name.svg and dir/name.png.
func saveFigure(dir, name string, w, h vg.Length, paint func(draw.Canvas)) (err error) {
	defer func() {
		if p := recover(); p != nil { // the plotting library panics on what it cannot draw
			err = fmt.Errorf("train: figure %s: %v", name, p)
		}
	}()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("train: figure %s: %w", name, err)
	}
	svg, png := vgsvg.New(w, h), vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(144))}
	paint(draw.Crop(draw.New(svg), margin, -margin, margin, -margin))
	paint(draw.Crop(draw.New(png), margin, -margin, margin, -margin))
	return errors.Join(
		writeFigure(filepath.Join(dir, name+".svg"), svg),
		writeFigure(filepath.Join(dir, name+".png"), png))
}

const margin = vg.Length(6)

func writeFigure(path string, c io.WriterTo) error {
	return WriteFile(path, func(w io.Writer) error {
		_, err := c.WriteTo(w)
		return err
	})
}
