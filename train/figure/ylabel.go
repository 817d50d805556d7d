package figure

import (
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// breakLabel breaks the label of the y axis into lines that are no longer than the axis will be on the canvas. gonum makes the axis as
// short as a longer label wants it, down to nothing.
func breakLabel(p *plot.Plot, dc draw.Canvas) {
	label := p.Y.Label.Text
	p.Y.Label.Text = ""
	height := p.DataCanvas(dc).Size().Y
	p.Y.Label.Text = broken(p.Y.Label.TextStyle, label, height)
}

// broken is a text with newlines for some of its blanks, so that no line of several words is longer than width.
func broken(style draw.TextStyle, s string, width vg.Length) string {
	var lines []string
	for _, word := range strings.Fields(s) {
		last := len(lines) - 1
		if last >= 0 && style.Width(lines[last]+" "+word) <= width {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return strings.Join(lines, "\n")
}
