package figure

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Diagram is blocks on a line, each joined to the next by an arrow, with arcs over them and captions below.
type Diagram struct {
	Blocks   []Block
	Arcs     []Arc
	Captions []Caption
}

// Block is a box (a matrix, filled; a function), a circle (a sum) or a bare name (a vector).
type Block struct {
	Kind BlockKind
	Text string
	Hat  bool   // over the first letter
	Note string // below the block
}

// BlockKind is the shape of a block.
type BlockKind int

// The shapes.
const (
	Vector BlockKind = iota
	Matrix
	Function
	Sum
)

// Arc leads over the blocks from one to another, by their numbers from 0. Level ≥ 1 is its height: arcs that overlap need
// different ones.
type Arc struct {
	From, To, Level int
	Text            string
}

// Caption stands below blocks From to To.
type Caption struct {
	From, To int
	Text     string
}

const (
	blockSide = vg.Length(34)
	arcStep   = vg.Length(36)
	// captionDrop is from the lower side of the blocks to the captions.
	captionDrop = vg.Length(34)
)

// Paint draws the diagram on the whole of dc.
func (d *Diagram) Paint(dc draw.Canvas) {
	y := dc.Min.Y + captionDrop + blockSide/2 + 20
	step := dc.Size().X / vg.Length(len(d.Blocks))
	middle := func(i int) vg.Point { return vg.Point{X: dc.Min.X + (vg.Length(i)+0.5)*step, Y: y} }
	for i := range d.Blocks[1:] {
		a, b := middle(i), middle(i+1)
		arrow(dc, Grey, vg.Point{X: a.X + d.Blocks[i].half(), Y: y}, vg.Point{X: b.X - d.Blocks[i+1].half(), Y: y})
	}
	for _, a := range d.Arcs {
		from, to, top := middle(a.From), middle(a.To), y+blockSide/2+vg.Length(a.Level)*arcStep
		from.Y += blockSide/2 + 2
		arrow(dc, Vermilion, from, vg.Point{X: from.X, Y: top}, vg.Point{X: to.X, Y: top}, vg.Point{X: to.X, Y: y + blockSide/2})
		text(dc, vg.Point{X: (from.X + to.X) / 2, Y: top + 3}, a.Text, 12, Vermilion, draw.YBottom)
	}
	for i, b := range d.Blocks {
		b.paint(dc, middle(i))
	}
	for _, c := range d.Captions {
		a, b := middle(c.From), middle(c.To)
		a.X, b.X, a.Y = a.X-blockSide/2, b.X+blockSide/2, y-blockSide/2-captionDrop
		dc.StrokeLine2(Solid(Grey).style(), a.X, a.Y+4, b.X, a.Y+4)
		text(dc, vg.Point{X: (a.X + b.X) / 2, Y: a.Y}, c.Text, 12, Grey, draw.YTop)
	}
}

// half is the distance from the middle of a block to its side.
func (b Block) half() vg.Length {
	if b.Kind == Sum {
		return blockSide / 3
	}
	return blockSide / 2
}

func (b Block) paint(dc draw.Canvas, c vg.Point) {
	var outline vg.Path
	r := b.half()
	ink := color.Color(Black)
	switch b.Kind {
	case Matrix, Function:
		outline = vg.Rectangle{Min: vg.Point{X: c.X - r, Y: c.Y - r}, Max: vg.Point{X: c.X + r, Y: c.Y + r}}.Path()
	case Sum:
		outline.Move(vg.Point{X: c.X + r, Y: c.Y})
		outline.Arc(c, r, 0, 2*math.Pi)
		outline.Close()
	}
	if b.Kind == Matrix {
		dc.SetColor(Blue)
		dc.Fill(outline)
		ink = color.White
	} else if b.Kind != Vector {
		dc.SetLineStyle(Solid(Black).style())
		dc.Stroke(outline)
	}
	text(dc, c, b.Text, 15, ink, draw.YCenter)
	if b.Hat {
		b.hat(dc, c)
	}
	text(dc, vg.Point{X: c.X, Y: c.Y - blockSide/2 - 4}, b.Note, 12, Grey, draw.YTop)
}

// hat is drawn: fonts place the combining accent over the wrong letter.
func (b Block) hat(dc draw.Canvas, c vg.Point) {
	style := textStyle(15, Black)
	letter := style.Width(string([]rune(b.Text)[:1]))
	x := c.X - style.Width(b.Text)/2 + letter/2
	y := c.Y + 7
	dc.StrokeLines(draw.LineStyle{Color: Black, Width: 1.1}, []vg.Point{{X: x - 3, Y: y}, {X: x, Y: y + 3}, {X: x + 3, Y: y}})
}

// arrow is a line with a head at its end.
func arrow(dc draw.Canvas, c color.Color, points ...vg.Point) {
	dc.StrokeLines(Solid(c).style(), points)
	end, before := points[len(points)-1], points[len(points)-2]
	along := math.Atan2(float64(before.Y-end.Y), float64(before.X-end.X))
	wing := func(angle float64) vg.Point {
		return vg.Point{X: end.X + vg.Length(7*math.Cos(along+angle)), Y: end.Y + vg.Length(7*math.Sin(along+angle))}
	}
	var head vg.Path
	head.Move(end)
	head.Line(wing(0.4))
	head.Line(wing(-0.4))
	head.Close()
	dc.SetColor(c)
	dc.Fill(head)
}

func textStyle(size float64, c color.Color) draw.TextStyle {
	style := New("", "", "").X.Tick.Label
	style.Font.Size, style.Color, style.XAlign = vg.Length(size), c, draw.XCenter
	return style
}

func text(dc draw.Canvas, at vg.Point, s string, size float64, c color.Color, align draw.YAlignment) {
	style := textStyle(size, c)
	style.YAlign = align
	dc.FillText(style, at, s)
}
