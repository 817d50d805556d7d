package figure

import (
	"bytes"
	"fmt"
	"image/color"
	"io"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Format is a file format, and the extension of its files.
type Format string

// The formats.
const (
	SVG Format = "svg"
	PNG Format = "png" // 144 dots per inch
	PDF Format = "pdf" // letters are outlines: no font is needed, and any sign can be printed
)

// margin is the white border of a figure.
const margin = vg.Length(6)

// Render paints a figure of width w and height h, on white, and returns the file.
func Render(format Format, w, h vg.Length, paint func(draw.Canvas)) (file []byte, err error) {
	defer func() {
		if p := recover(); p != nil { // the plotting library panics on numbers that it cannot draw
			err = fmt.Errorf("figure: %v", p)
		}
	}()
	var canvas vg.CanvasSizer
	var out io.WriterTo
	switch format {
	case SVG:
		c := vgsvg.New(w, h)
		canvas, out = c, c
	case PNG:
		c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(144))}
		canvas, out = c, c
	case PDF:
		c := vgpdf.New(w, h)
		canvas, out = outlined{c}, c
	default:
		return nil, fmt.Errorf("figure: format = %q: must be svg, png or pdf", format)
	}
	page := draw.New(canvas)
	page.SetColor(color.White) // else the labels stand on whatever is behind the figure
	page.Fill(page.Rectangle.Path())
	paint(draw.Crop(page, margin, -margin, margin, -margin))
	var b bytes.Buffer
	if _, err = out.WriteTo(&b); format != SVG {
		return b.Bytes(), err
	}
	return amended(b.Bytes()), err
}

// amended is an SVG as package vgsvg writes it, with two amendments. Labels name further fonts of the same widths, so that
// they fit where the first is not installed. An embedded image, which vgsvg encodes as PNG and declares as image/jpg, is
// declared as what it is: a strict renderer draws nothing else.
func amended(svg []byte) []byte {
	svg = bytes.ReplaceAll(svg, []byte("font-family:Liberation Sans"), []byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif"))
	return bytes.ReplaceAll(svg, []byte(`xlink:href="data:image/jpg;`), []byte(`xlink:href="data:image/png;`))
}

// outlined is a canvas that fills the outlines of letters. vgpdf alone writes the 256 signs of one code page, without Greek
// and superscripts.
type outlined struct{ vg.CanvasSizer }

// FillString draws a text with its baseline beginning at pt.
func (o outlined) FillString(face font.Face, pt vg.Point, text string) {
	var buffer sfnt.Buffer
	units := fixed.I(1000) // per em; glyphs are scaled to the font's size
	scale := face.Font.Size / 1000
	for _, letter := range text {
		index, err := face.Face.GlyphIndex(&buffer, letter)
		if err != nil {
			continue
		}
		if segments, err := face.Face.LoadGlyph(&buffer, index, units, nil); err == nil && len(segments) > 0 {
			o.Fill(outline(segments, pt, scale))
		}
		if advance, err := face.Face.GlyphAdvance(&buffer, index, units, 0); err == nil {
			pt.X += vg.Length(advance) / 64 * scale
		}
	}
}

// outline is a glyph as a path; its y axis points down.
func outline(segments sfnt.Segments, at vg.Point, scale vg.Length) vg.Path {
	var path vg.Path
	point := func(p fixed.Point26_6) vg.Point {
		return vg.Point{X: at.X + vg.Length(p.X)/64*scale, Y: at.Y - vg.Length(p.Y)/64*scale}
	}
	for i, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				path.Close()
			}
			path.Move(point(s.Args[0]))
		case sfnt.SegmentOpLineTo:
			path.Line(point(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			path.QuadTo(point(s.Args[0]), point(s.Args[1]))
		case sfnt.SegmentOpCubeTo:
			path.CubeTo(point(s.Args[0]), point(s.Args[1]), point(s.Args[2]))
		}
	}
	path.Close()
	return path
}
