package figure

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The colours are Okabe and Ito's, with a grey for limits and references.
var (
	Blue      = color.NRGBA{0x00, 0x72, 0xB2, 0xFF}
	Vermilion = color.NRGBA{0xD5, 0x5E, 0x00, 0xFF}
	Green     = color.NRGBA{0x00, 0x9E, 0x73, 0xFF}
	Purple    = color.NRGBA{0xCC, 0x79, 0xA7, 0xFF}
	Orange    = color.NRGBA{0xE6, 0x9F, 0x00, 0xFF}
	Sky       = color.NRGBA{0x56, 0xB4, 0xE9, 0xFF}
	Grey      = color.NRGBA{0x60, 0x60, 0x60, 0xFF}
	Black     = color.NRGBA{0x00, 0x00, 0x00, 0xFF}
)

// Colour returns the i-th colour for things that have only a number, i ≥ 0.
func Colour(i int) color.Color {
	colours := [...]color.Color{Blue, Vermilion, Green, Purple, Orange, Sky}
	return colours[i%len(colours)]
}

// The dashes of lines; nil is a solid one.
var (
	Dashed  = []vg.Length{vg.Points(5), vg.Points(3)}
	Dotted  = []vg.Length{vg.Points(1.5), vg.Points(2.5)}
	DashDot = []vg.Length{vg.Points(6), vg.Points(2), vg.Points(1.5), vg.Points(2)}
)

// Pen is how a line is drawn.
type Pen struct {
	Colour color.Color
	Dashes []vg.Length
	// Width is in points; 0 means 1.5.
	Width float64
}

// Solid, Dash and Dot are pens of the usual width.
func Solid(c color.Color) Pen { return Pen{Colour: c} }

// Dash is a dashed pen.
func Dash(c color.Color) Pen { return Pen{Colour: c, Dashes: Dashed} }

// Dot is a dotted pen.
func Dot(c color.Color) Pen { return Pen{Colour: c, Dashes: Dotted} }

func (p Pen) style() draw.LineStyle {
	width := p.Width
	if width == 0 {
		width = 1.5
	}
	return draw.LineStyle{Color: p.Colour, Width: vg.Points(width), Dashes: p.Dashes}
}

// Line is a line through points.
func Line(points plotter.XYs, p Pen) *plotter.Line {
	return &plotter.Line{XYs: points, LineStyle: p.style()}
}

// New is an empty plot with the house's type and ticks.
func New(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.Padding = vg.Points(6)
	p.Title.TextStyle.Font.Size, p.Title.TextStyle.Font.Variant = vg.Points(12), "Sans"
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font.Size, a.Label.TextStyle.Font.Variant = vg.Points(11), "Sans"
		a.Tick.Label.Font.Size, a.Tick.Label.Font.Variant = vg.Points(10), "Sans"
		a.Tick.Marker = plot.TickerFunc(RoundTicks)
	}
	return p
}

// Legend is an empty legend at the top left of its canvas.
func Legend() plot.Legend {
	l := plot.NewLegend()
	l.Top, l.Left, l.Padding = true, true, vg.Points(3)
	l.TextStyle.Font.Variant, l.TextStyle.Font.Size = "Sans", vg.Points(10)
	return l
}
