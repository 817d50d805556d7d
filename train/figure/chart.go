package figure

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Chart is a plot of curves, and of points with error bars. Each curve has a label beside its end. A legend above the
// plot names the points. A point with a coordinate that is no number is left out, and so is the label of what has no points: it
// was not measured, or not yet.
type Chart struct {
	Title, X, Y string
	// XMin to YMax are the ends of the axes. If both ends of an axis are 0, the axis ends with the drawn data, and a linear
	// y axis begins at 0.
	XMin, XMax, YMin, YMax float64
	LogX, LogY             bool
	Curves                 []Curve
	Points                 []Marks
}

// Curve is a line. Without a label it has none.
type Curve struct {
	Label  string
	Points plotter.XYs
	Pen    Pen
}

// mean is the mean height of the curve. It orders the labels of curves that end in one point.
func (c *Curve) mean() float64 {
	sum := 0.0
	for _, p := range c.Points {
		sum += p.Y
	}
	return sum / float64(len(c.Points))
}

// Marks are points with standard errors, which may be nil. Without a label they are not in the legend.
type Marks struct {
	Label  string
	Points plotter.XYs
	Errors []float64
	Colour color.Color
	Shape  draw.GlyphDrawer // nil means a disc
}

// Add adds curves.
func (c *Chart) Add(curves ...Curve) {
	for _, curve := range curves {
		curve.Points, _ = measured(curve.Points, nil)
		c.Curves = append(c.Curves, curve)
	}
}

// Mark adds points.
func (c *Chart) Mark(marks ...Marks) {
	for _, m := range marks {
		if m.Points, m.Errors = measured(m.Points, m.Errors); len(m.Points) > 0 {
			c.Points = append(c.Points, m)
		}
	}
}

// measured are the points whose coordinates are numbers, with their errors. An error that is no number is that of a single row.
func measured(points plotter.XYs, errors []float64) (plotter.XYs, []float64) {
	var kept plotter.XYs
	var of []float64
	for i, p := range points {
		if math.IsNaN(p.X) || math.IsNaN(p.Y) {
			continue
		}
		kept = append(kept, p)
		if errors == nil {
			continue
		}
		e := errors[i]
		if math.IsNaN(e) {
			e = 0
		}
		of = append(of, e)
	}
	return kept, of
}

// Level is a horizontal line over the width of a chart that has XMin and XMax.
func (c *Chart) Level(y float64, label string, pen Pen) {
	c.Add(Curve{Label: label, Points: plotter.XYs{{X: c.XMin, Y: y}, {X: c.XMax, Y: y}}, Pen: pen})
}

// Paint draws the chart on the whole of dc.
func (c *Chart) Paint(dc draw.Canvas) {
	p, labels, legend := c.plot()
	c.paint(dc, p, labels, legend, 0, LabelWidth(p, labels))
}

// plot returns the chart as a gonum plot, with the labels and the legend around it.
func (c *Chart) plot() (*plot.Plot, []Label, plot.Legend) {
	p := c.axes()
	low, high := p.Y.Min, p.Y.Max
	var labels []Label
	for _, curve := range c.Curves {
		points := clip(curve.Points, low, high)
		if len(points) == 0 {
			continue
		}
		p.Add(Line(points, curve.Pen))
		if curve.Label != "" {
			labels = append(labels, Label{points[len(points)-1], curve.mean(), curve.Label, curve.Pen.Colour})
		}
	}
	legend := c.addMarks(p)
	x, y := c.ranges() // the added curves and marks have widened the axes
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = x[0], x[1], y[0], y[1]
	return p, labels, legend
}

// paint draws the chart with the given room to its left and to its right.
func (c *Chart) paint(dc draw.Canvas, p *plot.Plot, labels []Label, legend plot.Legend, left, right vg.Length) {
	c.heading(dc, p, legend)
	dc = c.below(dc, p, legend)
	inner := draw.Crop(dc, left, -right, 0, 0)
	breakLabel(p, inner)
	p.Title.Text = ""
	p.Draw(inner)
	DrawLabels(dc, inner, p, labels)
}

// heading writes the title and below it the legend.
func (c *Chart) heading(dc draw.Canvas, p *plot.Plot, legend plot.Legend) {
	const left = vg.Length(46) // about where the y axis stands
	if c.Title != "" {
		style := p.Title.TextStyle
		style.XAlign, style.YAlign = draw.XLeft, draw.YTop
		dc.FillText(style, vg.Point{X: dc.Min.X + left, Y: dc.Max.Y}, c.Title)
	}
	if c.named() > 0 {
		legend.XOffs = left
		legend.Draw(draw.Crop(dc, 0, 0, 0, -c.titleHeight(p)))
	}
}

// below is the canvas below the heading.
func (c *Chart) below(dc draw.Canvas, p *plot.Plot, legend plot.Legend) draw.Canvas {
	height := c.titleHeight(p)
	if n := c.named(); n > 0 {
		height += (legend.TextStyle.Height("M")+legend.Padding)*vg.Length(n) + vg.Points(6)
	}
	return draw.Crop(dc, 0, 0, 0, -height)
}

func (c *Chart) titleHeight(p *plot.Plot) vg.Length {
	if c.Title == "" {
		return 0
	}
	return p.Title.TextStyle.Height(c.Title) + vg.Points(9)
}

// addMarks adds the points and returns their legend.
func (c *Chart) addMarks(p *plot.Plot) plot.Legend {
	legend := Legend()
	for _, m := range c.Points {
		shape := m.Shape
		if shape == nil {
			shape = draw.CircleGlyph{}
		}
		dots := &plotter.Scatter{
			XYs: m.Points, GlyphStyle: draw.GlyphStyle{Color: m.Colour, Radius: vg.Points(2.8), Shape: shape},
		}
		if m.Errors != nil {
			bars := &plotter.YErrorBars{XYs: m.Points, LineStyle: Solid(m.Colour).style(), CapWidth: vg.Points(5)}
			for i, e := range m.Errors {
				low := e
				if c.LogY {
					low = math.Min(e, 0.99*m.Points[i].Y)
				}
				bars.YErrors = append(bars.YErrors, struct{ Low, High float64 }{low, e})
			}
			p.Add(bars)
		}
		p.Add(dots)
		if m.Label != "" {
			legend.Add(m.Label, dots)
		}
	}
	return legend
}

// named counts the lines of the legend.
func (c *Chart) named() int {
	n := 0
	for _, m := range c.Points {
		if m.Label != "" {
			n++
		}
	}
	return n
}

// axes is the empty plot.
func (c *Chart) axes() *plot.Plot {
	p := New(c.Title, c.X, c.Y)
	x, y := c.ranges()
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = x[0], x[1], y[0], y[1]
	for _, a := range []struct {
		axis *plot.Axis
		log  bool
	}{{&p.X, c.LogX}, {&p.Y, c.LogY}} {
		if a.log {
			a.axis.Scale, a.axis.Tick.Marker = plot.LogScale{}, plot.TickerFunc(Decades)
		}
	}
	return p
}

// ranges are the ends of the axes.
func (c *Chart) ranges() (x, y [2]float64) {
	x, y = [2]float64{math.Inf(1), math.Inf(-1)}, [2]float64{math.Inf(1), math.Inf(-1)}
	cover := func(points plotter.XYs) {
		for _, p := range points {
			x[0], x[1] = math.Min(x[0], p.X), math.Max(x[1], p.X)
			y[0], y[1] = math.Min(y[0], p.Y), math.Max(y[1], p.Y)
		}
	}
	for _, curve := range c.Curves {
		cover(curve.Points)
	}
	for _, m := range c.Points {
		cover(m.Points)
	}
	return axis(x, c.XMin, c.XMax, c.LogX, false), axis(y, c.YMin, c.YMax, c.LogY, true)
}

// axis widens the range of the data to an axis, unless its ends are given.
func axis(r [2]float64, low, high float64, log, fromZero bool) [2]float64 {
	switch {
	case low != 0 || high != 0:
		return [2]float64{low, high}
	case !(r[0] <= r[1]): // nothing to draw
		return [2]float64{1, 2}
	case log:
		return [2]float64{r[0] / 1.1, r[1] * 1.1}
	case fromZero && r[0] >= 0:
		return [2]float64{0, math.Max(1.04*r[1], 1e-6)}
	case r[0] == r[1]:
		return [2]float64{r[0] - 0.5, r[1] + 0.5}
	}
	return r
}

// clip cuts the parts of a curve below low and above high off, at the exact crossings.
func clip(points plotter.XYs, low, high float64) plotter.XYs {
	var kept plotter.XYs
	for i, p := range points {
		if i > 0 {
			kept = append(kept, crossings(points[i-1], p, low, high)...)
		}
		if p.Y >= low && p.Y <= high {
			kept = append(kept, p)
		}
	}
	return kept
}

// crossings are where the line from a to b meets the levels, in order.
func crossings(a, b plotter.XY, low, high float64) plotter.XYs {
	var met plotter.XYs
	for _, level := range []float64{low, high} {
		if (a.Y-level)*(b.Y-level) < 0 {
			met = append(met, plotter.XY{X: a.X + (level-a.Y)/(b.Y-a.Y)*(b.X-a.X), Y: level})
		}
	}
	if len(met) == 2 && a.Y > b.Y {
		met[0], met[1] = met[1], met[0]
	}
	return met
}

// Column paints panels from top to bottom, with heights in the given proportions.
func Column(shares []float64, panels ...func(draw.Canvas)) func(draw.Canvas) {
	return func(dc draw.Canvas) {
		for i, paint := range panels {
			paint(panel(dc, shares, i))
		}
	}
}

// panel is the i-th panel of a column.
func panel(dc draw.Canvas, shares []float64, i int) draw.Canvas {
	h, top, bottom := dc.Size().Y, sum(shares[:i])/sum(shares), sum(shares[:i+1])/sum(shares)
	return draw.Crop(dc, 0, 0, vg.Length(1-bottom)*h+panelGap/2, -vg.Length(top)*h-panelGap/2)
}

// Stack paints charts from top to bottom, with heights in the given proportions and their axes in line.
func Stack(shares []float64, charts ...*Chart) func(draw.Canvas) {
	return func(dc draw.Canvas) {
		var axis, right vg.Length // the widest axis and the widest labels
		axes := make([]vg.Length, len(charts))
		for i, c := range charts {
			p, labels, legend := c.plot()
			breakLabel(p, c.below(panel(dc, shares, i), p, legend))
			axes[i] = p.DataCanvas(dc).Min.X - dc.Min.X
			axis, right = max(axis, axes[i]), max(right, LabelWidth(p, labels))
		}
		var panels []func(draw.Canvas)
		for i, c := range charts {
			panels = append(panels, func(dc draw.Canvas) {
				p, labels, legend := c.plot()
				c.paint(dc, p, labels, legend, axis-axes[i], right)
			})
		}
		Column(shares, panels...)(dc)
	}
}

// Row paints panels from left to right, with widths in the given proportions.
func Row(shares []float64, panels ...func(draw.Canvas)) func(draw.Canvas) {
	return func(dc draw.Canvas) {
		w, left := dc.Size().X, 0.0
		for i, paint := range panels {
			right := left + shares[i]/sum(shares)
			paint(draw.Crop(dc, vg.Length(left)*w+panelGap/2, -vg.Length(1-right)*w-panelGap/2, 0, 0))
			left = right
		}
	}
}

// panelGap is the space between panels.
const panelGap = vg.Length(10)

func sum(shares []float64) float64 {
	total := 0.0
	for _, s := range shares {
		total += s
	}
	return total
}

// Square paints a heat map on the largest square in the middle of its canvas, with room for a title and a colour bar.
func Square(paint func(draw.Canvas)) func(draw.Canvas) {
	return func(dc draw.Canvas) {
		const bars = 0.75 * vg.Inch
		size := dc.Size()
		tall := max(0, (size.Y-size.X-bars)/2)
		wide := max(0, (size.X-size.Y+bars)/2)
		paint(draw.Crop(dc, wide, -wide, tall, -tall))
	}
}
