package figure

import (
	"cmp"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Lengths of the labels' layout.
const (
	leader   = vg.Length(16) // from a curve's end to its label
	labelGap = vg.Length(4)
	lineSkip = vg.Length(14)
)

// Label is a text to the right of a plot, beside the end of its curve.
type Label struct {
	End    plotter.XY // in the plot's coordinates
	Order  float64    // of labels whose ends have the same height: the lower, the lower
	Text   string
	Colour color.Color
}

// LabelWidth is the room that labels take to the right of a plot.
func LabelWidth(p *plot.Plot, labels []Label) vg.Length {
	if len(labels) == 0 {
		return labelGap
	}
	width := vg.Length(0)
	for _, l := range labels {
		width = max(width, p.X.Tick.Label.Width(l.Text))
	}
	return width + leader + 2*labelGap
}

// DrawLabels writes labels on dc, to the right of a plot that was drawn on inner, each joined to its end by a thin line, and
// moved apart so that none covers another.
func DrawLabels(dc, inner draw.Canvas, p *plot.Plot, labels []Label) {
	data := p.DataCanvas(inner)
	toX, toY := p.Transforms(&data)
	labels = slices.Clone(labels)
	slices.SortStableFunc(labels, func(a, b Label) int {
		if ya, yb := toY(a.End.Y), toY(b.End.Y); math.Abs(float64(ya-yb)) > 0.5 {
			return cmp.Compare(ya, yb)
		}
		return cmp.Compare(a.Order, b.Order)
	})
	at := make([]vg.Length, len(labels))
	for i, l := range labels {
		at[i] = toY(l.End.Y)
	}
	spreadOut(at, data.Min.Y, data.Max.Y, lineSkip)
	for i, l := range labels {
		from := vg.Point{X: toX(l.End.X) + labelGap/2, Y: toY(l.End.Y)}
		to := vg.Point{X: data.Max.X + leader, Y: at[i]}
		dc.StrokeLine2(draw.LineStyle{Color: l.Colour, Width: vg.Points(0.6)}, from.X, from.Y, to.X, to.Y)
		style := p.X.Tick.Label
		style.Color, style.XAlign, style.YAlign = ink(l.Colour), draw.XLeft, draw.YCenter
		dc.FillText(style, vg.Point{X: to.X + labelGap, Y: at[i]}, l.Text)
	}
}

// ink is a colour to write in: light colours are darkened, so that letters are as readable as a broad line.
func ink(c color.Color) color.Color {
	r, g, b, _ := c.RGBA()
	if luminance := (0.2126*float64(r) + 0.7152*float64(g) + 0.0722*float64(b)) / 0xFFFF; luminance < 0.5 {
		return c
	}
	const share = 0.7
	return color.NRGBA{uint8(share * float64(r>>8)), uint8(share * float64(g>>8)), uint8(share * float64(b>>8)), 0xFF}
}

// spreadOut moves ascending positions apart until all distances are at least gap. It moves them as little as possible,
// and keeps them within low and high as long as there is room. A group of touching labels is centred on the mean of
// its wanted positions.
func spreadOut(at []vg.Length, low, high, gap vg.Length) {
	type group struct {
		sum   vg.Length // of the wanted positions of the group's first label
		count int
	}
	var groups []group
	position := func(g group) vg.Length {
		first := g.sum / vg.Length(g.count)
		return max(low, min(first, high-vg.Length(g.count-1)*gap))
	}
	for _, want := range at {
		groups = append(groups, group{want, 1})
		for n := len(groups); n > 1; n = len(groups) {
			a, b := groups[n-2], groups[n-1]
			if position(a)+vg.Length(a.count)*gap <= position(b) {
				break
			}
			groups[n-2] = group{a.sum + b.sum - vg.Length(a.count*b.count)*gap, a.count + b.count}
			groups = groups[:n-1]
		}
	}
	i := 0
	for _, g := range groups {
		for k := range g.count {
			at[i] = position(g) + vg.Length(k)*gap
			i++
		}
	}
}
