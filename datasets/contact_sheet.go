package datasets

import (
	"image"
	"image/color"
	"image/png"
	"io"
)

// The layout of a contact sheet: images per class, their magnification, and the space between them in pixels.
const (
	sheetColumns = 16
	sheetZoom    = 2
	sheetGap     = 2
)

// ContactSheet draws training images as a PNG: the first 16 of each class, a row per class, or 8 rows if there is but
// one class.
func ContactSheet(w io.Writer, l *Library, classes []int) error {
	rows := sheetRows(l, classes)
	s := l.Train.Shape
	height, width := s.Height*sheetZoom+sheetGap, s.Width*sheetZoom+sheetGap
	sheet := image.NewRGBA(image.Rect(0, 0, sheetColumns*width+sheetGap, len(rows)*height+sheetGap))
	for i := range sheet.Pix {
		sheet.Pix[i] = 0xff
	}
	for y, row := range rows {
		for x, k := range row {
			draw(sheet, x*width+sheetGap, y*height+sheetGap, l.Train.Image(k), s)
		}
	}
	return png.Encode(w, sheet)
}

// sheetRows returns the numbers of the images in each row of the sheet.
func sheetRows(l *Library, classes []int) [][]int {
	perClass := 1
	if len(classes) == 1 {
		perClass = 8
	}
	if len(classes) == 0 {
		for k := range l.Classes {
			classes = append(classes, k)
		}
	}
	var rows [][]int
	for _, class := range classes {
		var row []int
		left := perClass
		for i, label := range l.Train.Labels {
			if int(label) != class || left == 0 {
				continue
			}
			if row = append(row, i); len(row) == sheetColumns {
				rows, row, left = append(rows, row), nil, left-1
			}
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

// draw draws an image, grey or in colour, with its corner at (x, y).
func draw(sheet *image.RGBA, x, y int, pixels []byte, s Shape) {
	plane := s.Height * s.Width
	green, blue := 0, 0
	if s.Channels == 3 {
		green, blue = plane, 2*plane
	}
	for i := range s.Height * sheetZoom {
		for j := range s.Width * sheetZoom {
			at := i/sheetZoom*s.Width + j/sheetZoom
			sheet.SetRGBA(x+j, y+i, color.RGBA{pixels[at], pixels[at+green], pixels[at+blue], 0xff})
		}
	}
}
